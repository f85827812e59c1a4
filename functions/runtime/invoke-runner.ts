/** Runs invokes one after another, in order of arrival: a worker has one model. */
import type { InvokeOutcome, InvokeResponse, InvokeTask } from '../../contracts/invoke.js';
import type { Clock } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import type { FunctionOutcome, FunctionRun } from './function-module.js';
import type { ModelHost } from './model-host.js';

export type InvokeResult = Pick<InvokeResponse, 'outcomes'> & Omit<InvokeResponse['timings'], 'totalMs'>;

export interface InvokeJob {
  readonly tasks: readonly InvokeTask[];
  /** Tasks that an injected fault makes fail. */
  readonly failingTaskIds?: ReadonlySet<string>;
  /** Asked just before the model: nobody is left to take the answer. */
  readonly isAbandoned: () => boolean;
}

export class InvokeRunner {
  readonly #host: Pick<ModelHost, 'run'>;
  readonly #clock: Pick<Clock, 'now'>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: Pick<ModelHost, 'run'>, clock: Pick<Clock, 'now'>) {
    this.#host = host;
    this.#clock = clock;
  }

  /** Resolves with nothing where the job was abandoned before its turn. Never rejects. */
  run(job: InvokeJob): Promise<InvokeResult | undefined> {
    const result = this.#last.then(() => (job.isAbandoned() ? undefined : this.#runNow(job)));
    this.#last = result;
    return result;
  }

  async #runNow({ tasks, failingTaskIds }: InvokeJob): Promise<InvokeResult> {
    const nowMs = this.#clock.now();
    const settled = tasks.map((task) => settleWithoutModel(task, nowMs, failingTaskIds));
    const toRun = tasks.filter((_, index) => settled[index] === undefined);
    const { outcomes, tokenizeMs, computeMs } = await this.#runModel(toRun);
    const fromModel = outcomes.values();
    const all = tasks.map(({ taskId }, index) => settled[index] ?? named(taskId, fromModel.next().value));
    return { outcomes: all, tokenizeMs, computeMs };
  }

  async #runModel(tasks: readonly InvokeTask[]): Promise<FunctionRun> {
    if (tasks.length === 0) return { outcomes: [], tokenizeMs: 0, computeMs: 0 };
    try {
      return await this.#host.run(tasks.map(({ text }) => text));
    } catch (error) {
      const failed = functionFailed(messageOf(error));
      return { outcomes: tasks.map(() => failed), tokenizeMs: 0, computeMs: 0 };
    }
  }
}

function settleWithoutModel(
  { taskId, deadlineAt }: InvokeTask,
  nowMs: number,
  failingTaskIds: ReadonlySet<string> | undefined,
): InvokeOutcome | undefined {
  if (deadlineAt !== undefined && Date.parse(deadlineAt) <= nowMs) return { taskId, status: 'expired' };
  if (failingTaskIds?.has(taskId) !== true) return undefined;
  return {
    taskId,
    status: 'failed',
    code: 'injected_partial',
    message: 'injected fault: partial',
    retryable: true,
  };
}

function named(taskId: string, outcome: FunctionOutcome | undefined): InvokeOutcome {
  return { taskId, ...(outcome ?? functionFailed('the function gave no outcome for this task')) };
}

function functionFailed(message: string): FunctionOutcome {
  return { status: 'failed', code: 'function_failed', message, retryable: true };
}
