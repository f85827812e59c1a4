/**
 * Puts back what fell out of the queue: a batch, whoever accepted it, that nobody touched for two visibility timeouts
 * while the queue has got past its message. A long backlog is no reason: its messages have not come out yet; of what
 * waits there, only what is past its deadline is ended.
 */
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { IndexEntry } from '../../contracts/stack/batch-store.js';
import { messageOf } from '../../contracts/common/text.js';
import { repeat } from '../async/repeat.js';
import type { BatchTimeouts } from '../ledger/rewrite-batch.js';
import type { QueueProgress } from './queue-progress.js';
import { OverdueTasks } from './overdue-tasks.js';
import { StaleEntries } from './stale-entries.js';
import { UntouchedEntries } from './untouched-entries.js';
import { resendBatch, type ResendPorts } from './resend-batch.js';
import { eachBatch } from './each-batch.js';

const AT_ONCE = 100;
/** Keys only. What is lost at once is sent again in one go if it was watched for two visibility timeouts. */
const WATCHED = 1000;
/** One that the stack is slow to refuse should not make the others wait. */
const SENDS_AT_ONCE = 4;
const MAX_INTERVAL_MS = 5000;
const MIN_INTERVAL_MS = 500;

export interface ReconcilerPorts extends ResendPorts {
  readonly clock: Clock;
  readonly progress: QueueProgress;
  /** Whether a delivery of it is under way here. */
  readonly isDelivering: (id: BatchId) => boolean;
}

/** @returns the way to stop */
export function startReconciler(ports: ReconcilerPorts, timeouts: BatchTimeouts): () => Promise<void> {
  const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, timeouts.visibilityTimeoutMs / 6));
  const stale = new StaleEntries(ports.clock);
  const overdue = new OverdueTasks(ports, timeouts);
  const untouched = new UntouchedEntries(ports.clock);
  return repeat(ports.clock, intervalMs, async () => {
    try {
      await reconcile(ports, timeouts, { stale, overdue, untouched });
    } catch (error) {
      ports.logger.debug({ error: messageOf(error) }, 'batches.reconcile_failed');
    }
  });
}

/** The memory from one round to the next. */
interface Memory {
  readonly stale: StaleEntries;
  readonly overdue: OverdueTasks;
  readonly untouched: UntouchedEntries;
}

async function reconcile(
  ports: ReconcilerPorts,
  timeouts: BatchTimeouts,
  { stale, overdue, untouched }: Memory,
): Promise<void> {
  const { batches, isDelivering } = ports;
  ports.progress.mark();
  // Entries that a part of the index is too busy to give come in a later round: the others' turn is now.
  let isWhole = true;
  const { entries } = await batches.listOpen(WATCHED + stale.count, () => (isWhole = false));
  untouched.observe(entries, isWhole);
  const isUntouched = ({ id }: IndexEntry) => untouched.isUntouchedFor(id, 2 * timeouts.visibilityTimeoutMs);
  const due = entries.filter(
    (entry) => isUntouched(entry) && !stale.has(entry.id) && !isDelivering(entry.id),
  );
  if (due.length === 0) return;
  ports.progress.recordDepth(await ports.queue.depth());
  const past = due.filter(({ id }) => ports.progress.hasPassed(untouched.since(id)));
  // A proof stays valid, though the first that is sent comes out of the queue while the others still wait for it.
  const proved = new Map(past.slice(0, AT_ONCE).map(({ id, atMs }) => [id, atMs]));
  const lost = [...proved.keys()];
  const isLost = ({ id, dueAtMs }: BatchDocument) => dueAtMs === proved.get(id) && !isDelivering(id);
  const throttled = new Set<BatchId>();
  const read = await batches.readMany(lost, (ids) => ids.forEach((id) => throttled.add(id)));
  const unfinished = read.filter((batch) => !isTerminal(batch));
  const live = new Set([...throttled, ...unfinished.map(({ id }) => id)]);
  stale.add(lost.filter((id) => !live.has(id)));
  const { rejected } = await eachBatch(ports, unfinished, SENDS_AT_ONCE, async (batch) => {
    await resendBatch(ports, timeouts, batch, 'presumed_lost', isLost);
  });
  stale.add(rejected);
  const waiting = due.filter(({ id }) => !proved.has(id)).slice(0, AT_ONCE);
  await overdue.expire(waiting.map(({ id }) => id));
}
