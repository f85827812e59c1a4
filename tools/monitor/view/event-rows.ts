/**
 * Events as rows, newest first. Where deliveries fail by the dozen, those of the same kind within a few seconds share a
 * row: what happened to a worker in between must not be washed away.
 */
import { describeEvent } from '../../../contracts/stats/events.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import type { Snapshot } from '../snapshot/snapshot.js';

export interface EventRow {
  readonly key: string;
  /** Newest first, at least one. */
  readonly events: readonly [StatsEvent, ...StatsEvent[]];
}

const MAX_ROWS = 500;
const MERGE_WINDOW_MS = 5000;

export function eventRows({ stats, noticed }: Pick<Snapshot, 'stats' | 'noticed'>): readonly EventRow[] {
  const events = [...stats.value.flatMap((row) => row.events), ...noticed];
  events.sort((one, other) => other.atMs - one.atMs);
  const rows = new Map<string, [StatsEvent, ...StatsEvent[]]>();
  for (const event of events) {
    const key = keyOf(event);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [event]);
    else row.push(event);
  }
  return [...rows].slice(0, MAX_ROWS).map(([key, of]) => ({ key, events: of }));
}

function keyOf(event: StatsEvent): string {
  const { name, atMs, fields } = event;
  const { several } = describeEvent(event);
  if (several === undefined) return `${name} ${atMs} ${Object.values(fields).join(' ')}`;
  return `${name} ${Math.floor(atMs / MERGE_WINDOW_MS)} ${fields['fault'] ?? several.reason}`;
}
