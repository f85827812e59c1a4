/** Runs the tests of test/stack against a stack, and tells what each found. */
import { stripVTControlCharacters } from 'node:util';
import type { TestCase, TestModule } from 'vitest/node';
import { createVitest } from 'vitest/node';
import { z } from 'zod';
import type { CheckResult } from './check-result.js';
import type { SuiteConfig } from './config.js';

/** A stack may be far slower than the embedded one that the tests' own time limit is for. */
const CHECK_TIMEOUT_MS = 60_000;

/** An error of another process comes as a bare object. */
const thrownSchema = z.object({ message: z.string().default('an error without a message') });

export interface CheckRun {
  /** The root of the repository. */
  readonly root: string;
  /** Begins the names of all that the checks make. */
  readonly prefix: string;
  /** Breaks them off. */
  readonly signal: AbortSignal;
  readonly onCheck: (check: CheckResult) => void;
}

/** @returns what was found until the end, or until they were broken off */
export async function runChecks(
  { endpointSqs, endpointDynamodb, region, live, only }: SuiteConfig,
  { root, prefix, signal, onCheck }: CheckRun,
): Promise<readonly CheckResult[]> {
  const checks: CheckResult[] = [];
  const add = (check: CheckResult) => {
    checks.push(check);
    onCheck(check);
  };
  const vitest = await withoutSignalListeners(() =>
    createVitest('test', {
      root,
      watch: false,
      provide: { stack: { endpointSqs, endpointDynamodb, region, live, prefix } },
      testTimeout: CHECK_TIMEOUT_MS,
      hookTimeout: CHECK_TIMEOUT_MS,
      reporters: [
        {
          onTestCaseResult: (test) => {
            if (test.result().state !== 'skipped') add(judge(test));
          },
          onTestModuleEnd: (module) => setUpErrors(module).forEach(add),
        },
      ],
    }),
  );
  const cancel = () => void vitest.cancelCurrentRun('keyboard-input');
  signal.addEventListener('abort', cancel, { once: true });
  if (!signal.aborted) await vitest.start([`test/stack/${only ?? ''}`]);
  if (!signal.aborted) vitest.state.getUnhandledErrors().map(unhandledError).forEach(add);
  await vitest.close();
  return checks;
}

/** Vitest would end this process at once where it is asked to stop, and leave behind what the checks made. */
async function withoutSignalListeners<T>(begin: () => Promise<T>): Promise<T> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const ours = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const begun = await begin();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) if (!ours.has(listener)) process.off(signal, listener);
  }
  return begun;
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
function setUpErrors(module: TestModule): CheckResult[] {
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

/** Errors that no check can be blamed for: the process of some may have ended before they were told of. */
function unhandledError(error: unknown): CheckResult {
  const { message } = thrownSchema.parse(error);
  return { name: 'outside of the checks', verdict: 'failed', durationMs: 0, why: firstLines(message) };
}

function firstLines(message: string): string {
  return stripVTControlCharacters(message).trim().split('\n', 1).join(' ').slice(0, 300);
}
