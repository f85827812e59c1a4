/** Wraps the queue of a coordinator and reports calls that it must not make. */
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchQueue, MessageSource } from '../../contracts/stack/batch-queue.js';
import { readBody } from '../../coordinator/delivery/open-batch.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { BatchTable } from '../models/batch-table.js';
import type { QueueModel } from '../models/queue-model.js';
import { overrideMethods } from '../engine/override-methods.js';
import type { TableResets } from './table-resets.js';
import type { ResendWatch } from './resend-watch.js';

interface WatchContext {
  readonly execution: Execution;
  readonly host: Host;
  readonly table: BatchTable;
  readonly resends: ResendWatch;
  readonly tableResets: TableResets;
}

/** @param freeSlots how many more invokes the coordinator may start now */
export function watchedQueue(
  watched: WatchContext,
  queue: BatchQueue,
  models: { readonly queue: QueueModel; readonly deadLetters: QueueModel },
  freeSlots: () => number,
): BatchQueue {
  return overrideMethods(queue, {
    ...watchedSource(watched, queue, models.queue),
    deadLetters: overrideMethods(
      queue.deadLetters,
      watchedSource(watched, queue.deadLetters, models.deadLetters),
    ),
    receive: (max, waitSeconds) => {
      const free = freeSlots();
      if (max > free)
        reportViolation(watched, 'no receive without a slot', `asks for ${max}, ${free} slots are free`);
      return queue.receive(max, waitSeconds);
    },
    send: (message) => {
      watched.resends.recordSend(message, models.queue);
      return queue.send(message);
    },
  });
}

function watchedSource(
  watched: WatchContext,
  source: MessageSource,
  model: QueueModel,
): Pick<MessageSource, 'changeVisibility' | 'deleteMany'> {
  const { execution, table, tableResets } = watched;
  return {
    changeVisibility: (receiptHandle, seconds) => {
      const receipt = model.receipt(receiptHandle);
      if (receipt !== undefined && receipt.heldUntil < execution.time.nowMs)
        reportViolation(
          watched,
          'a coordinator leaves alone a message that it no longer holds',
          `changes the visibility of ${receiptHandle}`,
        );
      return source.changeVisibility(receiptHandle, seconds);
    },
    deleteMany: (receiptHandles) => {
      for (const handle of receiptHandles) {
        const message = readBody(model.receipt(handle)?.message.body ?? '');
        const batch = message && table.read(message.batchId);
        if (message === undefined || tableResets.wasFinished(message.batchId)) continue;
        if (batch === undefined || !isTerminal(batch))
          reportViolation(
            watched,
            'only messages without open tasks are deleted',
            `${handle} of ${message.batchId}: ${JSON.stringify(batch?.tasks)}`,
          );
      }
      return source.deleteMany(receiptHandles);
    },
  };
}

function reportViolation({ execution, host }: WatchContext, promise: string, detail: string): void {
  if (!host.isDead) execution.reportViolation(promise, `${host.name} ${detail}`);
}
