/** Walks an index of batches from the newest to the oldest, a page at a time. */
import type { BatchStore, IndexEntry, IndexPage } from '../../contracts/ports.js';

type Pages = AsyncGenerator<readonly IndexEntry[]>;

const HOUR_MS = 3_600_000;
const MOST_HOURS = 60;

/** Batches created before `beforeMs`, in all hours down to that of `untilMs`, at most 60 of them. */
export async function* timePages(
  batches: Pick<BatchStore, 'listByTime'>,
  beforeMs: number,
  untilMs: number,
  limit: number,
): Pages {
  let hour = Math.floor(beforeMs / HOUR_MS);
  for (let hours = 0; hours < MOST_HOURS && (hour + 1) * HOUR_MS > untilMs; hours += 1, hour -= 1) {
    yield* pagesBefore(beforeMs, (before) => batches.listByTime(hour, before, limit));
  }
}

export function attentionPages(
  batches: Pick<BatchStore, 'listAttention'>,
  beforeMs: number,
  limit: number,
): Pages {
  return pagesBefore(beforeMs, (before) => batches.listAttention(before, limit));
}

async function* pagesBefore(beforeMs: number, read: (beforeMs: number) => Promise<IndexPage>): Pages {
  for (let before = beforeMs; ;) {
    const { entries, more } = await read(before);
    if (entries.length > 0) yield entries;
    const last = entries.at(-1);
    if (!more || last === undefined) return;
    before = last.atMs;
  }
}
