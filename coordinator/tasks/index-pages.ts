/** Walks an index of batches from the newest to the oldest, a page at a time. */
import type { BatchStore, IndexEntry, IndexPage } from '../../contracts/stack/batch-store.js';
import type { EmptyHours } from './empty-hours.js';

/** The result of one reading of an index: nothing, where that hour is empty. */
export interface IndexReading {
  readonly entries: readonly IndexEntry[];
  /** Nothing is left of what came at or after this time. */
  readonly doneToMs?: number;
}

const HOUR_MS = 3_600_000;

/** Batches created before `beforeMs`, in all hours down to that of `untilMs`. */
export async function* timePages(
  batches: Pick<BatchStore, 'listByTime'>,
  beforeMs: number,
  untilMs: number,
  limit: number,
  emptyHours?: EmptyHours,
): AsyncGenerator<IndexReading> {
  for (let hour = Math.floor(beforeMs / HOUR_MS); (hour + 1) * HOUR_MS > untilMs; hour -= 1) {
    if (emptyHours?.has(hour) === true) continue;
    const isWhole = beforeMs >= (hour + 1) * HOUR_MS;
    let isFirst = true;
    for await (const entries of pagesBefore(beforeMs, (before) => batches.listByTime(hour, before, limit))) {
      if (isFirst && isWhole && entries.length === 0) emptyHours?.add(hour);
      isFirst = false;
      yield entries.length > 0 ? { entries } : { entries, doneToMs: hour * HOUR_MS };
    }
  }
}

export async function* attentionPages(
  batches: Pick<BatchStore, 'listAttention'>,
  beforeMs: number,
  limit: number,
): AsyncGenerator<IndexReading> {
  for await (const entries of pagesBefore(beforeMs, (before) => batches.listAttention(before, limit)))
    yield { entries };
}

async function* pagesBefore(
  beforeMs: number,
  read: (beforeMs: number) => Promise<IndexPage>,
): AsyncGenerator<readonly IndexEntry[]> {
  for (let before = beforeMs; ;) {
    const { entries, more } = await read(before);
    yield entries;
    const last = entries.at(-1);
    if (!more || last === undefined) return;
    before = last.atMs;
  }
}
