/**
 * From admitted texts to accepted tasks. A task is accepted once its batch is in DynamoDB *and* in SQS; the two calls
 * run in parallel, and the message carries all that makes the item.
 */
import { batchOf } from '../batch/batch-life.js';
import { newBatchId, taskIdOf, type TaskId } from '../../contracts/batch/ids.js';
import type { BatchInput, BatchMessage } from '../../contracts/batch/message.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Random } from '../../contracts/system/random.js';
import { isDeepStrictEqual } from 'node:util';
import { within, type Traces } from '../tracing/traces.js';
import type { Ledger } from '../ledger/ledger.js';
import { Batcher, type BatcherOptions, type PendingTask } from './batcher.js';
import type { LoadMeter } from './load-meter.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';

export interface IntakePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
  readonly ledger: Ledger;
  readonly traces?: Traces | undefined;
}

export interface IntakeOptions extends BatcherOptions {
  readonly coordinatorId: string;
  readonly visibilityTimeoutMs: number;
}

export class Intake {
  readonly #ports: IntakePorts;
  readonly #options: IntakeOptions;
  readonly #meter: LoadMeter;
  readonly #batcher: Batcher;
  readonly #accepted: (batch: BatchDocument) => void;
  #batchNumber = 0;

  /** @param accepted called with every batch that is stored and sent */
  constructor(
    ports: IntakePorts,
    options: IntakeOptions,
    meter: LoadMeter,
    workers: () => number,
    accepted: (batch: BatchDocument) => void,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#meter = meter;
    this.#accepted = accepted;
    this.#batcher = new Batcher(ports.clock, meter, options, workers, (tasks) => void this.#submit(tasks));
  }

  /** Tasks that came in and are not in a batch of the ledger yet. */
  get pendingTasks(): number {
    return this.#batcher.gatheredTasks;
  }

  /** The size of these tasks, as their message will hold them. */
  get pendingBytes(): number {
    return this.#batcher.gatheredBytes;
  }

  /** The number of the latest batch that was made here, from 1. */
  get lastBatchNumber(): number {
    return this.#batchNumber;
  }

  /**
   * @returns the tasks' ids in the order of the inputs, once every one is stored and sent.
   * @throws StackUnavailableError where storing or sending any of them failed: the work may still run.
   */
  async accept(inputs: readonly BatchInput[]): Promise<TaskId[]> {
    const pending: PendingTask[] = [];
    const admittedAt = this.#ports.clock.monotonic();
    const placements = inputs.map(
      (input) =>
        new Promise<TaskId>((resolve, reject) => {
          pending.push({
            input,
            admittedAt,
            placed: (batchId, taskIndex) => resolve(taskIdOf(batchId, taskIndex)),
            failed: reject,
          });
        }),
    );
    this.#batcher.add(pending);
    return Promise.all(placements);
  }

  /** Something was answered or set aside: what gathered may be due. */
  reconsider(): void {
    this.#batcher.reconsider();
  }

  flush(): void {
    this.#batcher.flush();
  }

  async #submit(tasks: readonly PendingTask[]): Promise<void> {
    const message = this.#message(tasks);
    const admittedAt = tasks.map((task) => task.admittedAt);
    const batch = batchOf(message, this.#options.visibilityTimeoutMs);
    try {
      const span = this.#ports.traces?.send(batch.id, message.inputs);
      await within(span, () => this.#storeAndSend(batch, message, admittedAt, span?.traceparent));
      this.#accepted(batch);
      tasks.forEach((task, taskIndex) => task.placed(batch.id, taskIndex));
    } catch (error) {
      this.#meter.stopTracking(batch.id);
      this.#ports.ledger.drop(batch.id);
      for (const task of tasks) task.failed(error);
    }
  }

  async #storeAndSend(
    batch: BatchDocument,
    message: BatchMessage,
    admittedAt: readonly number[],
    traceparent?: string,
  ): Promise<void> {
    const stored = this.#store(batch);
    this.#ports.ledger.accept(batch, stored, admittedAt);
    this.#meter.recordSent(batch.id, batch.tasks.length, this.#ports.clock.monotonic());
    const sent = this.#ports.queue.send(message, traceparent);
    const [storing, sending] = await Promise.allSettled([stored, sent]);
    if (storing.status === 'rejected') throw storing.reason;
    if (sending.status === 'rejected') throw sending.reason;
  }

  /** A coordinator that received the message before the item was there has created it from the same content. */
  async #store(batch: BatchDocument): Promise<void> {
    const there = await this.#ports.batches.create(batch);
    if (there !== 'created' && !isDeepStrictEqual(there.inputs, batch.inputs)) {
      throw new Error(`batch id ${batch.id} is taken`);
    }
  }

  #message(tasks: readonly PendingTask[]): BatchMessage {
    const { clock, random } = this.#ports;
    this.#batchNumber += 1;
    return {
      version: 1,
      batchId: newBatchId(clock, random),
      batchNumber: this.#batchNumber,
      coordinatorId: this.#options.coordinatorId,
      createdAtMs: clock.now(),
      send: 1,
      inputs: tasks.map((task) => task.input),
    };
  }
}
