/** The coordinator's port to the workers. Connections are refused, break, or return an answer. */
import { InvokeFailedError, WorkerUnreachableError } from '../../contracts/errors/errors.js';
import type { InvokeRequest, InvokeResponse } from '../../contracts/worker/invoke.js';
import type { InvokeOptions, FunctionClient, WorkerAddress } from '../../contracts/worker/function-client.js';
import type { SimWorker } from '../workers/sim-worker.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';

export class SimFunctionClient implements FunctionClient {
  readonly #execution: Execution;
  readonly #host: Host;
  readonly #workers: ReadonlyMap<string, SimWorker>;
  readonly #random: SeededRandom;

  constructor(execution: Execution, host: Host, workers: ReadonlyMap<string, SimWorker>) {
    this.#execution = execution;
    this.#host = host;
    this.#workers = workers;
    this.#random = execution.random.fork(`functions of ${host.name}`);
  }

  invoke(
    { id, address }: WorkerAddress,
    request: InvokeRequest,
    invokeCall: InvokeOptions,
  ): Promise<InvokeResponse> {
    const { tasks, batchId, delivery } = request;
    this.#execution.trace(
      () => `${this.#host.name} invoke ${id} ${batchId} delivery ${delivery} tasks ${tasks.length}`,
    );
    return new Promise((resolve, reject) => {
      const fail = (code: string) => reject(new InvokeFailedError(code, `simulated: ${code}`));
      invokeCall.signal.addEventListener('abort', () => fail('connection_lost'), { once: true });
      this.#transmit(() => {
        const accepted = this.#workerAt(id, address)?.invoke(request, {
          announce: (fault) => this.#replyToHost(() => invokeCall.onFault(fault)),
          answer: (response) => this.#replyToHost(() => resolve(response)),
          fail: (code) => this.#replyToHost(() => fail(code)),
        });
        if (accepted === true) return;
        this.#replyToHost(() => reject(new WorkerUnreachableError('simulated: connection refused')));
      });
    });
  }

  isHealthy({ id, address }: WorkerAddress, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#host.clock.timer(timeoutMs, () => resolve(false));
      this.#transmit(() => this.#workerAt(id, address)?.probe(() => this.#replyToHost(() => resolve(true))));
    });
  }

  /** No worker listens at an address that it has left. */
  #workerAt(id: string, address: string): SimWorker | undefined {
    const worker = this.#workers.get(id);
    return worker?.address === address ? worker : undefined;
  }

  #transmit(arrive: () => void): void {
    this.#execution.time.after(this.#random.between(0.2, 1), arrive);
  }

  #replyToHost(arrive: () => void): void {
    this.#transmit(() => this.#host.enter(arrive));
  }
}
