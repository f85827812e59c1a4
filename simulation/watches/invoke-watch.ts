/** Wraps the function client of a coordinator and counts its invokes. */
import type { InvokeRequest, InvokeResponse } from '../../contracts/worker/invoke.js';
import type { InvokeOptions, FunctionClient, WorkerAddress } from '../../contracts/worker/function-client.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';

/** Larger than the rounding error of a sum of fractions. */
const ROUNDING_ERROR_MS = 0.001;

export class InvokeWatch implements FunctionClient {
  readonly #execution: Execution;
  readonly #host: Host;
  readonly #functions: FunctionClient;
  readonly #workerSlots: number;
  readonly #invokeTimeoutMs: number;
  readonly #invokes = new Set<{ readonly workerId: string; readonly fromMs: number }>();

  constructor(
    execution: Execution,
    host: Host,
    functions: FunctionClient,
    limits: { readonly workerSlots: number; readonly invokeTimeoutMs: number },
  ) {
    this.#execution = execution;
    this.#host = host;
    this.#functions = functions;
    this.#workerSlots = limits.workerSlots;
    this.#invokeTimeoutMs = limits.invokeTimeoutMs;
  }

  /** Invokes that hold a slot: one that outlasts its time has given it back. */
  get holdingSlots(): number {
    return this.#invokesWithSlot().length;
  }

  async invoke(
    worker: WorkerAddress,
    request: InvokeRequest,
    invokeCall: InvokeOptions,
  ): Promise<InvokeResponse> {
    const invoke = { workerId: worker.id, fromMs: this.#execution.time.nowMs };
    this.#invokes.add(invoke);
    const atWorker = this.#invokesWithSlot().filter(({ workerId }) => workerId === worker.id).length;
    if (atWorker > this.#workerSlots && !this.#host.isDead)
      this.#execution.reportViolation(
        'no more invokes at a worker than it has slots',
        `${this.#host.name} has ${atWorker} at ${worker.id}`,
      );
    try {
      return await this.#functions.invoke(worker, request, invokeCall);
    } finally {
      this.#invokes.delete(invoke);
    }
  }

  isHealthy(worker: WorkerAddress, timeoutMs: number): Promise<boolean> {
    return this.#functions.isHealthy(worker, timeoutMs);
  }

  #invokesWithSlot() {
    const sinceMs = this.#execution.time.nowMs - this.#invokeTimeoutMs + ROUNDING_ERROR_MS;
    return [...this.#invokes].filter(({ fromMs }) => fromMs > sinceMs);
  }
}
