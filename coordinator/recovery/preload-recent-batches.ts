/**
 * A coordinator that starts keeps recent batches from the tables as if they were its own. Should the tables be emptied
 * later, it can restore them, even if the coordinator that accepted them is gone.
 */
import { isTerminal } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { KeyStore } from '../../contracts/stack/stores.js';
import { timePages } from '../tasks/index-pages.js';
import type { Ledger } from '../ledger/ledger.js';
import { KEEP_FINISHED_MS } from '../ledger/finished-batch-cache.js';

export interface PreloadPorts {
  readonly clock: Clock;
  readonly batches: Pick<BatchStore, 'listByTime' | 'listOpen' | 'readMany'>;
  readonly ledger: Ledger;
  /** Remembers what it reads of batches that are held. */
  readonly keys: Pick<KeyStore, 'readMany'>;
}

/** More would seldom fit into the memory of the cache. */
const MAX_BATCHES = 10_000;
const AT_ONCE = 100;
/** The clocks of other coordinators may be ahead. */
const AHEAD_MS = 3_600_000;

/** Reads unfinished batches, and all that are younger than the cache keeps finished ones, with their idempotency keys.
 * @returns how many batches were read
 * @throws StackUnavailableError
 */
export async function preloadRecentBatches({ clock, batches, ledger, keys }: PreloadPorts): Promise<number> {
  const sinceMs = clock.now() - KEEP_FINISHED_MS;
  const ids = new Set<BatchId>();
  for await (const { entries: page } of timePages(batches, clock.now() + AHEAD_MS, sinceMs, AT_ONCE)) {
    const young = page.filter(({ atMs }) => atMs >= sinceMs);
    for (const { id } of young) ids.add(id);
    if (young.length < page.length || ids.size >= MAX_BATCHES) break;
  }
  const { entries } = await batches.listOpen(MAX_BATCHES);
  for (const { id } of entries) ids.add(id);
  // An id begins with its time. The oldest are read first, so that the cache drops those first.
  const unknown = [...ids].filter((id) => ledger.lookup(id) === undefined);
  const oldestFirst = unknown.sort().slice(-MAX_BATCHES);
  const keysOfTasks = new Set<string>();
  for (const some of chunks(oldestFirst)) {
    for (const batch of await batches.readMany(some)) {
      ledger.cacheFinished(batch);
      if (!isTerminal(batch)) ledger.deadlines.startCounting(batch);
      for (const { key } of batch.inputs) if (key !== undefined) keysOfTasks.add(key);
    }
  }
  for (const some of chunks([...keysOfTasks])) await keys.readMany(some);
  return oldestFirst.length;
}

function* chunks(all: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < all.length; from += AT_ONCE) yield all.slice(from, from + AT_ONCE);
}
