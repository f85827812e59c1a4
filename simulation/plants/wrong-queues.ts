/** Bugs that sit between a coordinator, its queue and its workers. */
import type { InvokeRequest, InvokeResponse } from '../../contracts/invoke.js';
import type { BatchMessage } from '../../contracts/message.js';
import type {
  BatchQueue,
  Exchange,
  FunctionClient,
  MessageSource,
  QueueDepth,
  ReceivedMessage,
  WorkerAddress,
} from '../../contracts/ports.js';
import { readBody } from '../../coordinator/delivery/open-batch.js';

/** Hands everything on; a bug overrides what it gets wrong. */
class PassingQueue implements BatchQueue {
  readonly deadLetters: MessageSource;
  protected readonly queue: BatchQueue;

  constructor(queue: BatchQueue) {
    this.queue = queue;
    this.deadLetters = queue.deadLetters;
  }

  send(message: BatchMessage): Promise<void> {
    return this.queue.send(message);
  }

  receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    return this.queue.receive(max, waitSeconds);
  }

  changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    return this.queue.changeVisibility(receiptHandle, seconds);
  }

  deleteMany(receiptHandles: readonly string[]): Promise<readonly string[]> {
    return this.queue.deleteMany(receiptHandles);
  }

  depth(): Promise<QueueDepth> {
    return this.queue.depth();
  }

  createdAt(): Promise<string> {
    return this.queue.createdAt();
  }
}

const MOST_AT_ONCE = 10;

/** Asks for as many messages as a receive can bring. */
export class GreedyQueue extends PassingQueue {
  override receive(_max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    return super.receive(MOST_AT_ONCE, waitSeconds);
  }
}

/** Remembers the latest receipt of each batch, so that its message can be deleted too early. */
export class RememberingQueue extends PassingQueue {
  readonly #receipts = new Map<string, string>();

  override async receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    const messages = await super.receive(max, waitSeconds);
    for (const { body, receiptHandle } of messages) {
      const batchId = readBody(body)?.batchId;
      if (batchId !== undefined) this.#receipts.set(batchId, receiptHandle);
    }
    return messages;
  }

  async deleteMessageOf(batchId: string): Promise<void> {
    const receiptHandle = this.#receipts.get(batchId);
    if (receiptHandle !== undefined) await this.queue.deleteMany([receiptHandle]).catch(() => undefined);
  }
}

/** Deletes the message as soon as the answers are there, before they are committed. */
export class HastyFunctions implements FunctionClient {
  readonly #functions: FunctionClient;
  readonly #queue: RememberingQueue;

  constructor(functions: FunctionClient, queue: RememberingQueue) {
    this.#functions = functions;
    this.#queue = queue;
  }

  async invoke(worker: WorkerAddress, request: InvokeRequest, exchange: Exchange): Promise<InvokeResponse> {
    const response = await this.#functions.invoke(worker, request, exchange);
    if (response.outcomes.every(({ status }) => status === 'succeeded'))
      await this.#queue.deleteMessageOf(request.batchId);
    return response;
  }

  isHealthy(worker: WorkerAddress, timeoutMs: number): Promise<boolean> {
    return this.#functions.isHealthy(worker, timeoutMs);
  }
}
