/**
 * Time to live, which dynalite lacks: once a minute, or less often where that takes long, all tables are walked, a few
 * items at a time with pauses in between, and what has expired is deleted. It takes a fifth of a core while it works, and
 * a tenth all in all. Where much was deleted, its room on the disk is given back.
 */
import type { Store } from 'dynalite/db/index.js';
import type { Logger } from '../../contracts/system/logger.js';
import { ExpiryTime } from '../../contracts/system/expiry-time.js';
import { messageOf } from '../../contracts/common/text.js';
import { compact } from './compaction.js';
import { deleteExpired, expiringTables, itemPrefix, readChunk, type ExpiringTable } from './expired-items.js';
import { indexPrefix } from './repair-tables.js';

export const SWEEP_EVERY_MS = 60_000;
const ITEMS_PER_CHUNK = 100;
/** The cost of an item for this thread, as measured: waiting for the disk, or for a turn, is no work. */
const BUSY_MS_PER_ITEM = 0.016;
const BUSY_MS_PER_DELETION = 0.1;
/** So many times as long as that. */
const REST_FACTOR_AFTER_CHUNK = 4;
const MIN_REST_AFTER_CHUNK_MS = 1;
/** So many times as long as a sweep took, rests included. */
const REST_FACTOR_AFTER_SWEEP = 1;
/** Deleted items since the room of a table was last given back, of those that are left. */
const COMPACT_AT_SHARE = 0.25;
const COMPACT_AT_ITEMS = 100;

interface SweepCount {
  readonly deleted: number;
  readonly left: number;
}

/** @returns the way to stop, which waits for the piece under way */
export function startSweeper(store: Store, everyMs: number, logger: Logger): () => Promise<void> {
  const stopping = new AbortController();
  const sweeping = sweepUntilStopped(store, everyMs, logger, stopping.signal);
  return async () => {
    stopping.abort();
    await sweeping;
  };
}

async function sweepUntilStopped(
  store: Store,
  everyMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const time = new ExpiryTime({ now: () => Date.now(), monotonic: () => performance.now() });
  let tookMs = 0;
  const uncompacted = new Map<ExpiringTable, number>();
  for (;;) {
    await rest(Math.max(everyMs, REST_FACTOR_AFTER_SWEEP * tookMs), signal);
    if (isOver(signal)) return;
    const startedAt = performance.now();
    try {
      let items = 0;
      for (const table of expiringTables) {
        const { deleted, left } = await sweep(store, table, time, signal);
        items += deleted;
        const garbage = (uncompacted.get(table) ?? 0) + deleted;
        const isMuch = garbage >= Math.max(COMPACT_AT_ITEMS, COMPACT_AT_SHARE * left);
        uncompacted.set(table, isMuch ? 0 : garbage);
        if (isMuch) await compact(store, prefixesOf(table), signal);
      }
      tookMs = Math.round(performance.now() - startedAt);
      if (items > 0) logger.info({ items, tookMs }, 'stack.swept');
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'stack.sweep_failed');
    }
  }
}

function prefixesOf(table: ExpiringTable): readonly string[] {
  return [itemPrefix(table), ...table.indexNames.map((name) => indexPrefix(table.name, name))];
}

async function sweep(
  store: Store,
  table: ExpiringTable,
  time: ExpiryTime,
  signal: AbortSignal,
): Promise<SweepCount> {
  let deleted = 0;
  let looked = 0;
  let key: string | undefined;
  do {
    const nowSeconds = Math.floor(time.now() / 1000);
    const piece = await readChunk(store, table, key, ITEMS_PER_CHUNK, nowSeconds);
    deleted += await deleteExpired(store, table, piece.expired, nowSeconds);
    looked += piece.items;
    key = piece.lastKey;
    const busyMs = BUSY_MS_PER_ITEM * piece.items + BUSY_MS_PER_DELETION * piece.expired.length;
    await rest(Math.max(REST_FACTOR_AFTER_CHUNK * busyMs, MIN_REST_AFTER_CHUNK_MS), signal);
  } while (key !== undefined && !signal.aborted);
  return { deleted, left: looked - deleted };
}

/** Asked anew after each wait. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    signal.addEventListener('abort', end, { once: true });
  });
}
