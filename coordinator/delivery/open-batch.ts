/** The batch that a received message stands for, as it stands in the store. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { batchOf, expireTasks, withNewRevision } from '../batch/batch-life.js';
import { batchMessageSchema, type BatchMessage } from '../../contracts/batch/message.js';
import type { ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { rewriteBatch, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';

/** @returns `undefined` for a body that is none of ours */
export function readBody(body: string): BatchMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = batchMessageSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/**
 * A first receive of an original message needs no read: what the message says, or what has been learnt here since,
 * is what stands in the store, and a wrong belief is found out by the commit. Any other receive reads, and creates
 * the item where it is missing.
 * @throws StackUnavailableError
 */
export async function openBatch(
  ports: RewritePorts,
  durations: BatchTimeouts,
  received: ReceivedMessage,
  message: BatchMessage,
): Promise<BatchDocument> {
  const batch = await currentBatch(ports, durations, received, message);
  const due = ports.ledger.deadlines.overdueTasks(batch);
  if (due.length === 0) return batch;
  await ports.ledger.stored(batch.id).catch(() => undefined);
  const expired = await rewriteBatch(ports, durations, {
    known: batch,
    original: batchOf(message, durations.visibilityTimeoutMs),
    change: (read, move) => expireTasks(read, due, move),
  });
  return expired ?? batch;
}

async function currentBatch(
  ports: RewritePorts,
  durations: BatchTimeouts,
  received: ReceivedMessage,
  message: BatchMessage,
): Promise<BatchDocument> {
  const original = batchOf(message, durations.visibilityTimeoutMs);
  if (received.receiveCount === 1 && message.send === 1) return ports.ledger.get(message.batchId) ?? original;
  await ports.ledger.stored(message.batchId).catch(() => undefined);
  const read = (await ports.batches.read(message.batchId)) ?? (await created(ports, original));
  ports.ledger.update(read);
  return read;
}

async function created(ports: RewritePorts, original: BatchDocument): Promise<BatchDocument> {
  const known = ports.ledger.lookup(original.id) ?? original;
  const again = withNewRevision(known, ports.random.next());
  const result = await ports.batches.create(again);
  return result === 'created' ? again : result;
}
