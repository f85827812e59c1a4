import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long; one that begins last would keep everybody waiting. */
const BEGIN_FIRST = ['e2e/', 'simulation/', 'supervisor/', 'coordinator/', 'functions/', 'infra/'];

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = BEGIN_FIRST.findIndex((folder) => moduleId.includes(`/test/${folder}`));
      return index < 0 ? BEGIN_FIRST.length : index;
    };
    return Promise.resolve(
      files.toSorted((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId)),
    );
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // It has a configuration of its own, vitest.compose.config.ts.
    exclude: ['test/compose/**'],
    // Tests that start real processes start what `dist/` holds.
    globalSetup: ['test/support/build-once.ts'],
    pool: 'forks',
    // Files of one process share its modules: none mocks a module, and loading them anew took a quarter of the time.
    isolate: false,
    // Most of them wait for time limits: three at once, however few cores there are.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    watch: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
