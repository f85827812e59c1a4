/** Writes what is held here back into a table that was emptied, and the unfinished into a queue that lost them. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { mergeHeld, recreated } from '../batch/batch-life.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import { rewriteBatch, type Durations } from '../ledger/rewrite-batch.js';
import { sendAgain, type SendAgainPorts } from './send-again.js';
import { eachBatch } from './each-batch.js';

const AT_ONCE = 8;

/**
 * Creates, and merges where the item exists: a final state wins over an open one, and one already there stays.
 * @returns how many it wrote or found there
 * @throws StackUnavailableError; where the stack was too busy for some of them, once the others are written
 */
export async function putBackBatches(
  ports: SendAgainPorts,
  durations: Durations,
  which: (batch: BatchDocument) => boolean,
): Promise<number> {
  const held = [...ports.ledger.held()].filter(which);
  const { throttled } = await eachBatch(ports, held, AT_ONCE, async (batch) => {
    const there = await ports.batches.create(recreated(batch, ports.random.next()));
    if (there === 'created') return;
    await rewriteBatch(ports, durations, {
      known: there,
      change: (read, move) => mergeHeld(read, ports.ledger.get(batch.id) ?? batch, move),
    });
  });
  if (throttled !== undefined) throw throttled;
  return held.length;
}

/** @returns how many were sent. @throws StackUnavailableError; where the stack was too busy for some, once the others are sent */
export async function sendUnfinished(
  ports: SendAgainPorts,
  durations: Durations,
  reason: string,
): Promise<number> {
  let sent = 0;
  const unfinished = [...ports.ledger.held()].filter((batch) => !isTerminal(batch));
  const { throttled } = await eachBatch(ports, unfinished, AT_ONCE, async (batch) => {
    if (await sendAgain(ports, durations, batch, reason)) sent += 1;
  });
  if (throttled !== undefined) throw throttled;
  return sent;
}
