/** Runs invokes in order of arrival, as many at a time as the function accepts. */
import {
  INVALID_OUTPUT,
  type FunctionOutcome,
  type InvokeOutcome,
  type InvokeResponse,
  type InvokeTask,
} from '../../../contracts/worker/invoke.js';
import type { Clock } from '../../../contracts/system/clock.js';
import { invariant } from '../../../contracts/common/invariant.js';
import { boundedMessage } from '../../../contracts/common/text.js';
import type { FunctionRun } from '../host/function-module.js';
import type { RunOptions } from '../host/hosted-runs.js';
import type { ModelHost } from '../host/model-host.js';
import { readRun } from '../host/read-run.js';
import { RunFailure, toRunFailure } from '../host/run-failure.js';

export type InvokeResult = Pick<InvokeResponse, 'outcomes'> & Omit<InvokeResponse['timings'], 'totalMs'>;

export interface InvokeJob extends Pick<RunOptions, 'fault'> {
  readonly tasks: readonly InvokeTask[];
  /** Tasks that an injected fault makes fail. */
  readonly failingTaskIds?: ReadonlySet<string>;
  /** Called just before the run. Whether the caller has gone. */
  readonly isAbandoned: () => boolean;
  /** Since the invoke arrived, by the monotonic clock. */
  readonly elapsedMs: () => number;
  /** Called when the function failed tasks: all of them, or those with invalid outcomes. */
  readonly onFailure?: (failure: RunFailure, tasks: number) => void;
}

export class InvokeRunner {
  readonly #host: Pick<ModelHost, 'run'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #waiting: (() => void)[] = [];
  readonly #turns: number;
  #freeTurns: number;

  constructor(host: Pick<ModelHost, 'run' | 'listsAtOnce'>, clock: Pick<Clock, 'now'>) {
    this.#host = host;
    this.#clock = clock;
    this.#turns = host.listsAtOnce;
    this.#freeTurns = host.listsAtOnce;
  }

  /** Resolves with `undefined` if the job was abandoned before its turn. Never rejects. */
  async run(job: InvokeJob): Promise<InvokeResult | undefined> {
    await this.#acquireTurn();
    const result = job.isAbandoned() ? undefined : await this.#runNow(job);
    this.#releaseTurn();
    return result;
  }

  async #acquireTurn(): Promise<void> {
    if (this.#freeTurns > 0) this.#freeTurns -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #releaseTurn(): void {
    invariant(this.#freeTurns < this.#turns, 'a turn that nobody has is given back');
    const next = this.#waiting.shift();
    if (next === undefined) this.#freeTurns += 1;
    else next();
  }

  async #runNow(job: InvokeJob): Promise<InvokeResult | undefined> {
    const { tasks, failingTaskIds } = job;
    const now = { wallMs: this.#clock.now(), elapsedMs: job.elapsedMs() };
    const settled = tasks.map((task) => outcomeWithoutModel(task, isPastDeadline(task, now), failingTaskIds));
    const toRun = tasks.filter((_, index) => settled[index] === undefined);
    const run = await this.#runModel(toRun, job);
    if (run === undefined) return undefined;
    const { outcomes, ...timings } = run;
    const fromModel = outcomes.values();
    const all = tasks.map(
      ({ taskId }, index) => settled[index] ?? withTaskId(taskId, fromModel.next().value),
    );
    return { outcomes: all, ...timings };
  }

  async #runModel(tasks: readonly InvokeTask[], job: InvokeJob): Promise<FunctionRun | undefined> {
    if (tasks.length === 0) return { outcomes: [], tokenizeMs: 0, computeMs: 0 };
    const { isAbandoned, fault } = job;
    const texts = tasks.map(({ text }) => text);
    try {
      const answer = await this.#host.run(texts, { isAbandoned, fault });
      if (answer === undefined && isAbandoned()) return undefined;
      const run = readRun(answer, tasks.length);
      reportInvalidOutcomes(run, job);
      return run;
    } catch (error) {
      const failure = toRunFailure(error);
      job.onFailure?.(failure, tasks.length);
      const { code, message } = failure;
      const failed: FunctionOutcome = {
        status: 'failed',
        code,
        message: boundedMessage(message),
        retryable: true,
      };
      return { outcomes: tasks.map(() => failed), tokenizeMs: 0, computeMs: 0 };
    }
  }
}

/** Reports once per invoke. */
function reportInvalidOutcomes({ outcomes }: FunctionRun, { onFailure }: InvokeJob): void {
  const invalid = outcomes.flatMap((outcome) =>
    outcome.status === 'failed' && outcome.code === INVALID_OUTPUT ? [outcome] : [],
  );
  const [first] = invalid;
  if (first !== undefined) onFailure?.(new RunFailure(INVALID_OUTPUT, first.message), invalid.length);
}

function outcomeWithoutModel(
  { taskId }: InvokeTask,
  isPastDeadline: boolean,
  failingTaskIds: ReadonlySet<string> | undefined,
): InvokeOutcome | undefined {
  if (isPastDeadline) return { taskId, status: 'expired' };
  if (failingTaskIds?.has(taskId) !== true) return undefined;
  return {
    taskId,
    status: 'failed',
    code: 'injected_partial',
    message: 'injected fault: partial',
    retryable: true,
  };
}

/** The deadline is a time of another machine, so it counts only without `timeLeftMs`. */
function isPastDeadline(
  { timeLeftMs, deadlineAt }: InvokeTask,
  { wallMs, elapsedMs }: { readonly wallMs: number; readonly elapsedMs: number },
): boolean {
  if (timeLeftMs !== undefined) return elapsedMs >= timeLeftMs;
  return deadlineAt !== undefined && Date.parse(deadlineAt) <= wallMs;
}

function withTaskId(taskId: string, outcome: FunctionOutcome | undefined): InvokeOutcome {
  if (outcome === undefined) throw new Error('every task that ran has an outcome'); // readRun counts them
  return { taskId, ...outcome };
}
