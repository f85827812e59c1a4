/** The coordinator's port to the workers: connections that are refused, break, or bring an answer. */
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
    exchange: InvokeOptions,
  ): Promise<InvokeResponse> {
    const { tasks, batchId, delivery } = request;
    this.#execution.tell(
      () => `${this.#host.name} invoke ${id} ${batchId} delivery ${delivery} tasks ${tasks.length}`,
    );
    return new Promise((resolve, reject) => {
      const fail = (code: string) => reject(new InvokeFailedError(code, `simulated: ${code}`));
      exchange.signal.addEventListener('abort', () => fail('connection_lost'), { once: true });
      this.#travel(() => {
        const accepted = this.#at(id, address)?.invoke(request, {
          announce: (fault) => this.#comeBack(() => exchange.onFault(fault)),
          answer: (response) => this.#comeBack(() => resolve(response)),
          fail: (code) => this.#comeBack(() => fail(code)),
        });
        if (accepted === true) return;
        this.#comeBack(() => reject(new WorkerUnreachableError('simulated: connection refused')));
      });
    });
  }

  isHealthy({ id, address }: WorkerAddress, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#host.clock.timer(timeoutMs, () => resolve(false));
      this.#travel(() => this.#at(id, address)?.probe(() => this.#comeBack(() => resolve(true))));
    });
  }

  /** Nobody listens at an address that a worker has left. */
  #at(id: string, address: string): SimWorker | undefined {
    const worker = this.#workers.get(id);
    return worker?.address === address ? worker : undefined;
  }

  #travel(arrive: () => void): void {
    this.#execution.time.after(this.#random.between(0.2, 1), arrive);
  }

  #comeBack(arrive: () => void): void {
    this.#travel(() => this.#host.enter(arrive));
  }
}
