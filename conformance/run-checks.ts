/** Runs the tests of test/stack against a stack, and tells what each found. */
import { stripVTControlCharacters } from 'node:util';
import type { TestCase, TestModule } from 'vitest/node';
import { startVitest } from 'vitest/node';
import type { CheckResult } from './check-result.js';
import type { SuiteConfig } from './config.js';

/** A stack may be far slower than the embedded one that the tests' own time limit is for. */
const CHECK_TIMEOUT_MS = 60_000;

export async function runChecks(
  { endpointSqs, endpointDynamodb, region, live, only }: SuiteConfig,
  root: string,
  tell: (check: CheckResult) => void,
): Promise<readonly CheckResult[]> {
  const checks: CheckResult[] = [];
  const add = (check: CheckResult) => {
    checks.push(check);
    tell(check);
  };
  const vitest = await startVitest('test', [`test/stack/${only ?? ''}`], {
    root,
    watch: false,
    provide: { stack: { endpointSqs, endpointDynamodb, region, live } },
    testTimeout: CHECK_TIMEOUT_MS,
    hookTimeout: CHECK_TIMEOUT_MS,
    reporters: [
      {
        onTestCaseResult: (test) => {
          if (test.result().state !== 'skipped') add(judge(test));
        },
        onTestModuleEnd: (module) => notSetUp(module).forEach(add),
      },
    ],
  });
  await vitest.close();
  return checks;
}

function judge(test: TestCase): CheckResult {
  const { instead, note } = test.meta();
  const { state, errors = [] } = test.result();
  const verdict = state === 'passed' ? 'passed' : instead === undefined ? 'failed' : 'differs';
  const said = errors.map(({ message }) => firstLines(message)).join('; ');
  return {
    name: test.fullName,
    verdict,
    durationMs: test.diagnostic()?.duration ?? 0,
    ...(verdict !== 'passed' && { why: said }),
    ...(instead !== undefined && { instead }),
    ...(note !== undefined && { note }),
  };
}

/** A file, or a group of checks, that could not begin or end. */
function notSetUp(module: TestModule): CheckResult[] {
  const broken = [module, ...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map(({ message }) => ({ name: `${module.relativeModuleId}: set-up`, message })),
  );
  return broken.map(({ name, message }) => ({
    name,
    verdict: 'failed',
    durationMs: 0,
    why: firstLines(message),
  }));
}

function firstLines(message: string): string {
  return stripVTControlCharacters(message).trim().split('\n', 1).join(' ').slice(0, 300);
}
