/**
 * Time to live, which dynalite lacks: once a minute, or less often where that takes long, all tables are walked, a few
 * items at a time with pauses in between, and what has expired is deleted. It takes a tenth of a core while it works, and
 * a fiftieth all in all.
 */
import type { Store } from 'dynalite/db/index.js';
import type { Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { deleteExpired, expiringTables, readPiece, type ExpiringTable } from './expired-items.js';

export const SWEEP_EVERY_MS = 60_000;
const ITEMS_A_PIECE = 100;
/** So many times as long as a piece took; a piece of a busy stack seems to take long. */
const REST_AFTER_A_PIECE = 9;
const LONGEST_REST_AFTER_A_PIECE_MS = 250;
/** So many times as long as a sweep took, rests included. */
const REST_AFTER_A_SWEEP = 4;

/** @returns the way to stop, which waits for the piece under way */
export function startSweeper(store: Store, everyMs: number, logger: Logger): () => Promise<void> {
  const stopping = new AbortController();
  const sweeping = sweepAgainAndAgain(store, everyMs, logger, stopping.signal);
  return async () => {
    stopping.abort();
    await sweeping;
  };
}

async function sweepAgainAndAgain(
  store: Store,
  everyMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let tookMs = 0;
  for (;;) {
    await rest(Math.max(everyMs, REST_AFTER_A_SWEEP * tookMs), signal);
    if (isOver(signal)) return;
    const startedAt = performance.now();
    try {
      let items = 0;
      for (const table of expiringTables) items += await sweep(store, table, signal);
      tookMs = Math.round(performance.now() - startedAt);
      if (items > 0) logger.info({ items, tookMs }, 'stack.swept');
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'stack.sweep_failed');
    }
  }
}

/** @returns how many items it deleted */
async function sweep(store: Store, table: ExpiringTable, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  let key: string | undefined;
  do {
    const startedAt = performance.now();
    const nowSeconds = Math.floor(Date.now() / 1000);
    const piece = await readPiece(store, table, key, ITEMS_A_PIECE, nowSeconds);
    for (const item of piece.expired) {
      if (await deleteExpired(store, table, item, nowSeconds)) deleted += 1;
    }
    key = piece.lastKey;
    const tookMs = performance.now() - startedAt;
    await rest(Math.min(REST_AFTER_A_PIECE * tookMs, LONGEST_REST_AFTER_A_PIECE_MS), signal);
  } while (key !== undefined && !signal.aborted);
  return deleted;
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
