import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // It has a configuration of its own, vitest.compose.config.ts.
    exclude: ['test/compose/**'],
    // Tests that start real processes start what `dist/` holds.
    globalSetup: ['test/support/build-once.ts'],
    pool: 'forks',
    // Most of them wait for time limits: two at once, however few cores there are.
    maxWorkers: 2,
    watch: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
