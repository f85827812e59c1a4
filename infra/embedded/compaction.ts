/**
 * Gives the room of deleted items back. LevelDB does that when newer writes push into older ones, which after a sweep may
 * be never: the marks of the deletions come on top until then.
 */
import type { Store } from 'dynalite/db/index.js';

/** A table's or an index's keys begin with a hash, two of whose digits make slices of equal size. */
const MAX_SLICES = 256;
/** One that is being compacted holds up a stop: a second's worth. */
const BYTES_PER_SLICE = 16 * 1024 * 1024;

/** @param prefixes of the keys; `signal` ends it between two slices */
export async function compact(
  { db }: Store,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const prefix of prefixes) {
    const end = `${prefix}\xff`;
    const bytes = (await db.approximateSize?.(prefix, end)) ?? 0;
    for (const [from, to] of slices(prefix, end, bytes)) {
      if (signal.aborted) return;
      await compactSlice(db, from, to);
    }
  }
}

/**
 * LevelDB compacts a level into the next one, never the last by itself; and what was written and deleted within the same
 * few megabytes goes to the last level together. So the newest writes are flushed first, and a deletion of nothing is laid
 * over the slice: then there is something to merge into the last level.
 */
async function compactSlice(db: Store['db'], from: string, to: string): Promise<void> {
  if (db.compactRange === undefined) return;
  await db.compactRange(from, from);
  await db.batch([from, to].map((key) => ({ type: 'del', key })));
  await db.compactRange(from, to);
}

function slices(
  prefix: string,
  end: string,
  bytes: number,
): readonly (readonly [from: string, to: string])[] {
  const wanted = Math.min(MAX_SLICES, Math.max(1, Math.ceil(bytes / BYTES_PER_SLICE)));
  const bounds = Array.from({ length: wanted - 1 }, (_, index) => {
    const place = Math.floor(((index + 1) * MAX_SLICES) / wanted);
    return `${prefix}${place.toString(16).padStart(2, '0')}`;
  });
  return [prefix, ...bounds].map((from, index) => [from, bounds[index] ?? end]);
}
