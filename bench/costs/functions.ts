/** Workers that answer soon, with answers as long as the model's. */
import type { InvokeRequest, InvokeResponse } from '../../contracts/worker/invoke.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionClient, WorkerAddress } from '../../contracts/worker/function-client.js';
import { SeededRandom } from '../../infra/process/seeded-random.js';

/** A lone message is deleted alone: nothing else ends meanwhile. */
const INVOKE_MS = 30;

export class QuickFunctions implements FunctionClient {
  readonly #random = new SeededRandom(1);

  async invoke({ id }: WorkerAddress, { tasks }: InvokeRequest): Promise<InvokeResponse> {
    await sleep(INVOKE_MS);
    const outcomes = tasks.map(({ taskId, text }) => ({
      taskId,
      status: 'succeeded' as const,
      label: this.#random.next() < 0.5 ? 'POSITIVE' : 'NEGATIVE',
      score: this.#random.next(),
      tokens: text.split(' ').length + 2,
    }));
    return { workerId: id, outcomes, timings: { tokenizeMs: 0.4, computeMs: 12.3, totalMs: 12.9 } };
  }

  isHealthy(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
