/** Workers without a process: each invoke is answered by a script, the nth invoke by the nth step. */
import { InvokeFailedError, WorkerUnreachableError } from '../../contracts/errors/errors.js';
import type { InvokeOutcome, InvokeRequest, InvokeResponse } from '../../contracts/worker/invoke.js';
import type { InvokeOptions, FunctionClient, WorkerAddress } from '../../contracts/worker/function-client.js';

export interface SeenInvoke {
  readonly workerId: string;
  readonly request: InvokeRequest;
}

export type Script = (
  invoke: SeenInvoke,
  nth: number,
  invokeCall: InvokeOptions,
) => Promise<InvokeResponse> | InvokeResponse;

export class FakeFunctions implements FunctionClient {
  readonly invokes: SeenInvoke[] = [];
  readonly healthy = new Set<string>();
  /** Invokes under way by worker, and the most there ever were. */
  readonly most = new Map<string, number>();
  readonly #running = new Map<string, number>();
  script: Script;

  constructor(script: Script = succeedAll) {
    this.script = script;
  }

  async invoke(
    worker: WorkerAddress,
    request: InvokeRequest,
    invokeCall: InvokeOptions,
  ): Promise<InvokeResponse> {
    const seen = { workerId: worker.id, request };
    this.invokes.push(seen);
    const running = (this.#running.get(worker.id) ?? 0) + 1;
    this.#running.set(worker.id, running);
    this.most.set(worker.id, Math.max(running, this.most.get(worker.id) ?? 0));
    try {
      return await this.script(seen, this.invokes.length, invokeCall);
    } finally {
      this.#running.set(worker.id, (this.#running.get(worker.id) ?? 1) - 1);
    }
  }

  isHealthy(worker: WorkerAddress): Promise<boolean> {
    return Promise.resolve(this.healthy.has(worker.id));
  }
}

/** The fake model: a text's score is a function of the text alone. */
export function scoreOf(text: string): number {
  return ((text.length * 7919) % 1000) / 1000;
}

export function succeedAll({ workerId, request }: SeenInvoke): InvokeResponse {
  return answer(
    workerId,
    request.tasks.map(({ taskId, text }) => success(taskId, text)),
  );
}

export function success(taskId: string, text: string): InvokeOutcome {
  return { taskId, status: 'succeeded', label: 'POSITIVE', score: scoreOf(text), tokens: 3 };
}

export function answer(workerId: string, outcomes: InvokeOutcome[]): InvokeResponse {
  return { workerId, outcomes, timings: { tokenizeMs: 0.1, computeMs: 1, totalMs: 1.2 } };
}

export function fail(): never {
  throw new InvokeFailedError('http_500', 'planned');
}

export function refuse(): never {
  throw new WorkerUnreachableError('planned');
}

/** Never answers, until the exchange is ended. */
export function hang(invokeCall: InvokeOptions): Promise<never> {
  return new Promise((_resolve, reject) => {
    invokeCall.signal.addEventListener('abort', () =>
      reject(new InvokeFailedError('connection_lost', 'ended')),
    );
  });
}

/** Holds every invoke back until it is released; then the script answers. */
export function gate(script: Script = succeedAll): { readonly script: Script; readonly release: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const gated: Script = async (invoke, nth, invokeCall) => {
    await opened;
    return script(invoke, nth, invokeCall);
  };
  return { script: gated, release: () => open() };
}
