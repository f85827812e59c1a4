/**
 * fauxqs compares its deadlines with the wall clock: after a step back a hidden message would stay hidden for as long as
 * the step, after a step forward all come back at once. So, before it looks at them, they are moved along with the clock,
 * as far as that has stepped, and the time that a message is hidden is that of the monotonic clock.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../process/project-root.js';

/** The part of a queue of fauxqs that we use. Both deadlines are epoch ms. */
export interface DeadlineQueue {
  readonly inflightMessages: ReadonlyMap<string, { visibilityDeadline: number }>;
  readonly delayedMessages: readonly { delayUntil?: number | undefined }[];
}

interface QueuePrototype extends DeadlineQueue {
  processTimers: (this: DeadlineQueue) => void;
  changeVisibility: (this: DeadlineQueue, receiptHandle: string, seconds: number) => void;
}

/** Beyond what rounding to whole milliseconds makes. */
const MIN_STEP_MS = 5;

/** How far the wall clock is ahead of the monotonic one. */
const wallLeadMs = (): number => Date.now() - performance.now();

/** Per queue: the lead at which its deadlines were last right. */
const leads = new WeakMap<DeadlineQueue, number>();

export function shiftDeadlines(queue: DeadlineQueue, leadMs = wallLeadMs()): void {
  const stepMs = leadMs - (leads.get(queue) ?? leadMs);
  if (leads.has(queue) && Math.abs(stepMs) < MIN_STEP_MS) return;
  leads.set(queue, leadMs);
  if (stepMs === 0) return;
  for (const entry of queue.inflightMessages.values()) entry.visibilityDeadline += stepMs;
  for (const message of queue.delayedMessages) {
    if (message.delayUntil !== undefined) message.delayUntil += stepMs;
  }
}

let isDone = false;

/** Patches every queue in this process. @throws where fauxqs is not as we know it */
export async function correctDeadlines(): Promise<void> {
  if (isDone) return;
  const queue = await queuePrototype();
  const { processTimers, changeVisibility } = queue;
  // A message is handed out only after this was called, so a new deadline never misses a step.
  queue.processTimers = function () {
    shiftDeadlines(this);
    processTimers.call(this);
  };
  queue.changeVisibility = function (receiptHandle, seconds) {
    shiftDeadlines(this);
    changeVisibility.call(this, receiptHandle, seconds);
  };
  isDone = true;
}

/** The package shows no more of itself than its servers. */
async function queuePrototype(): Promise<QueuePrototype> {
  const file = join(projectRoot, 'node_modules', 'fauxqs', 'dist', 'sqs', 'sqsStore.js');
  const { SqsQueue } = (await import(pathToFileURL(file).href)) as {
    SqsQueue?: { prototype: QueuePrototype };
  };
  if (typeof SqsQueue?.prototype.processTimers !== 'function') {
    throw new Error(`${file} has changed: its deadlines would follow the wall clock`);
  }
  return SqsQueue.prototype;
}
