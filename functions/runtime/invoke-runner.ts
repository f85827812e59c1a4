/** Runs invokes in order of arrival, as many at a time as the function takes. */
import {
  FUNCTION_FAILED,
  type InvokeOutcome,
  type InvokeResponse,
  type InvokeTask,
} from '../../contracts/invoke.js';
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
  readonly #waiting: (() => void)[] = [];
  #places: number;

  constructor(host: Pick<ModelHost, 'run' | 'listsAtOnce'>, clock: Pick<Clock, 'now'>) {
    this.#host = host;
    this.#clock = clock;
    this.#places = host.listsAtOnce;
  }

  /** Resolves with nothing where the job was abandoned before its turn. Never rejects. */
  async run(job: InvokeJob): Promise<InvokeResult | undefined> {
    await this.#takePlace();
    const result = job.isAbandoned() ? undefined : await this.#runNow(job);
    this.#leavePlace();
    return result;
  }

  async #takePlace(): Promise<void> {
    if (this.#places > 0) this.#places -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leavePlace(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#places += 1;
    else next();
  }

  async #runNow({ tasks, failingTaskIds }: InvokeJob): Promise<InvokeResult> {
    const nowMs = this.#clock.now();
    const settled = tasks.map((task) => settleWithoutModel(task, nowMs, failingTaskIds));
    const toRun = tasks.filter((_, index) => settled[index] === undefined);
    const { outcomes, ...timings } = await this.#runModel(toRun);
    const fromModel = outcomes.values();
    const all = tasks.map(({ taskId }, index) => settled[index] ?? named(taskId, fromModel.next().value));
    return { outcomes: all, ...timings };
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
  return { status: 'failed', code: FUNCTION_FAILED, message, retryable: true };
}
