/** Stands between a coordinator and the queue: what a coordinator must not ask for, it must not even try. */
import { isFinished } from '../../contracts/batch-life.js';
import type { BatchMessage } from '../../contracts/message.js';
import type { BatchQueue, MessageSource, QueueDepth, ReceivedMessage } from '../../contracts/ports.js';
import { readBody } from '../../coordinator/delivery/open-batch.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { BatchTable } from '../models/batch-table.js';
import type { QueueModel } from '../models/queue-model.js';

interface Watched {
  readonly execution: Execution;
  readonly host: Host;
  readonly table: BatchTable;
}

class WatchedSource implements MessageSource {
  protected readonly watched: Watched;
  readonly #source: MessageSource;
  readonly #model: QueueModel;

  constructor(watched: Watched, source: MessageSource, model: QueueModel) {
    this.watched = watched;
    this.#source = source;
    this.#model = model;
  }

  receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    return this.#source.receive(max, waitSeconds);
  }

  changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    const receipt = this.#model.receipt(receiptHandle);
    if (receipt !== undefined && receipt.heldUntil < this.watched.execution.time.nowMs)
      this.broken('who has lost a message leaves it alone', `changes the visibility of ${receiptHandle}`);
    return this.#source.changeVisibility(receiptHandle, seconds);
  }

  deleteMany(receiptHandles: readonly string[]): Promise<readonly string[]> {
    for (const handle of receiptHandles) {
      const message = readBody(this.#model.receipt(handle)?.message.body ?? '');
      const batch = message && this.watched.table.read(message.batchId);
      if (message !== undefined && (batch === undefined || !isFinished(batch)))
        this.broken(
          'only messages without open tasks are deleted',
          `${handle} of ${message.batchId}: ${JSON.stringify(batch?.slots)}`,
        );
    }
    return this.#source.deleteMany(receiptHandles);
  }

  depth(): Promise<QueueDepth> {
    return this.#source.depth();
  }

  protected broken(promise: string, detail: string): void {
    if (!this.watched.host.isDead)
      this.watched.execution.broken(promise, `${this.watched.host.name} ${detail}`);
  }
}

export class QueueWatch extends WatchedSource implements BatchQueue {
  readonly deadLetters: MessageSource;
  readonly #queue: BatchQueue;
  readonly #freeSlots: () => number;

  /** @param freeSlots how many more invokes the coordinator may start at this moment */
  constructor(
    watched: Watched,
    queue: BatchQueue,
    models: { readonly queue: QueueModel; readonly deadLetters: QueueModel },
    freeSlots: () => number,
  ) {
    super(watched, queue, models.queue);
    this.#queue = queue;
    this.#freeSlots = freeSlots;
    this.deadLetters = new WatchedSource(watched, queue.deadLetters, models.deadLetters);
  }

  override receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    const free = this.#freeSlots();
    if (max > free) this.broken('no receive without a slot', `asks for ${max}, ${free} slots are free`);
    return super.receive(max, waitSeconds);
  }

  send(message: BatchMessage): Promise<void> {
    return this.#queue.send(message);
  }

  createdAt(): Promise<string> {
    return this.#queue.createdAt();
  }
}
