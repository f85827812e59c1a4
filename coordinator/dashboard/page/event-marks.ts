/** How the page shows the events of the `stats` table: a shape on the time axis and a sentence. */
import { describeEvent, isEventName, sentenceOf, type EventName } from '../../../contracts/stats/events.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import type { Shape } from './icons.js';
import type { Color } from './theme.js';
import { WORKER_BADGES, type BadgeStyle } from './badges.js';
import type { WorkerDisplayState } from './worker-display-state.js';

export interface EventMark {
  readonly atMs: number;
  readonly shape: Shape;
  readonly tone: Color;
  readonly sentence: string;
  readonly workerId: string;
  /**
   * `failure`: a failed delivery; there are many, so they are counted. `mark`: drawn on the time axis. `note`: only in the
   * list, because the worker's lane shows it too.
   */
  readonly weight: 'failure' | 'mark' | 'note';
}

export interface EventGroup extends EventMark {
  readonly key: string;
  readonly times: number;
  readonly workers: readonly string[];
}

/** Failures of the same kind within this time share a line. */
const MERGE_WINDOW_MS = 5000;

type Look = Pick<EventMark, 'weight' | 'shape' | 'tone'>;

const LOOKS: Readonly<Record<EventName, Look>> = {
  'worker.state': { weight: 'note', shape: 'square', tone: 'muted' },
  'worker.registered': { weight: 'mark', shape: 'return', tone: 'green' },
  'worker.ejected': { weight: 'mark', shape: 'triangle', tone: 'purple' },
  'coordinator.started': { weight: 'mark', shape: 'return', tone: 'blue' },
  'delivery.failed': { weight: 'failure', shape: 'diamond', tone: 'red' },
  'delivery.lost': { weight: 'failure', shape: 'diamond', tone: 'purple' },
  'batch.dead_lettered': { weight: 'mark', shape: 'cross', tone: 'red' },
  'batch.resent': { weight: 'mark', shape: 'return', tone: 'orange' },
  'stack.emptied': { weight: 'mark', shape: 'square', tone: 'red' },
};
const UNKNOWN_LOOK: Look = { weight: 'note', shape: 'square', tone: 'muted' };

export function markOf(event: StatsEvent): EventMark {
  const { atMs, name, fields } = event;
  const description = describeEvent(event);
  const sentence =
    name === 'delivery.failed'
      ? String(fields['fault'] ?? fields['error'] ?? description.several?.reason)
      : name === 'delivery.lost'
        ? 'lost: no result came back'
        : sentenceOf(description);
  return { atMs, sentence, workerId: String(fields['workerId'] ?? ''), ...lookOf(event) };
}

function lookOf({ name, fields }: StatsEvent): Look {
  if (!isEventName(name)) return UNKNOWN_LOOK;
  const look = LOOKS[name];
  if (name === 'worker.registered' && fields['process'] === 'known') return { ...look, weight: 'note' };
  if (name !== 'worker.state') return look;
  const badge = WORKER_BADGES[String(fields['state']) as WorkerDisplayState] as BadgeStyle | undefined;
  const weight = fields['state'] === 'down' ? 'mark' : 'note';
  return { weight, shape: badge?.shape ?? look.shape, tone: badge?.tone ?? look.tone };
}

/** Returns the newest groups first; equal events that happened together are one group. */
export function groupEvents(events: readonly StatsEvent[]): EventGroup[] {
  const groups = new Map<string, { first: EventMark; times: number; workers: Set<string> }>();
  for (const event of events) {
    const mark = markOf(event);
    const windowMs = mark.weight === 'failure' ? MERGE_WINDOW_MS : 1000;
    const key = `${Math.floor(mark.atMs / windowMs)} ${mark.sentence}`;
    const group = groups.get(key) ?? { first: mark, times: 0, workers: new Set() };
    groups.set(key, group);
    group.times += 1;
    for (const id of mark.workerId.split(',')) if (id !== '') group.workers.add(id);
  }
  return [...groups]
    .map(([key, { first, times, workers }]) => ({ ...first, key, times, workers: [...workers].sort() }))
    .sort((a, b) => b.atMs - a.atMs);
}
