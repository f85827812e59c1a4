/** How the page shows the events of the `stats` table: a shape on the time axis and a sentence. */
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import { plural } from './format.js';
import type { Shape } from './icons.js';
import type { Color } from './theme.js';
import { WORKER_BADGES, type BadgeStyle } from './badges.js';
import type { WorkerDisplayState } from './worker-display-state.js';

export interface EventDescription {
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

export interface EventGroup extends EventDescription {
  readonly key: string;
  readonly times: number;
  readonly workers: readonly string[];
}

/** Failures of the same kind within this time share a line. */
const MERGE_WINDOW_MS = 5000;

const text = (event: StatsEvent, field: string): string => String(event.fields[field] ?? '');

export function describeEvent(event: StatsEvent): EventDescription {
  const workerId = text(event, 'workerId');
  const is = (
    weight: EventDescription['weight'],
    shape: Shape,
    tone: Color,
    sentence: string,
  ): EventDescription => ({
    atMs: event.atMs,
    workerId,
    weight,
    shape,
    tone,
    sentence,
  });
  switch (event.name) {
    case 'worker.state': {
      const state = text(event, 'state');
      const look = WORKER_BADGES[state as WorkerDisplayState] as BadgeStyle | undefined;
      const weight = state === 'down' ? 'mark' : 'note';
      return is(weight, look?.shape ?? 'square', look?.tone ?? 'muted', `${workerId} is ${state}`);
    }
    case 'worker.registered':
      return event.fields['process'] === 'known'
        ? is('note', 'return', 'green', `${workerId} sends heartbeats again`)
        : is('mark', 'return', 'green', `${workerId} started`);
    case 'worker.ejected':
      return is('mark', 'triangle', 'purple', `${workerId} was ejected: its invokes keep failing`);
    case 'coordinator.started':
      return is('mark', 'return', 'blue', `${text(event, 'coordinatorId')} started`);
    case 'delivery.failed':
      return is(
        'failure',
        'diamond',
        'red',
        text(event, 'fault') || text(event, 'error') || 'no reason given',
      );
    case 'delivery.lost':
      return is('failure', 'diamond', 'purple', 'lost: no result came back');
    case 'batch.dead_lettered':
      return is(
        'mark',
        'cross',
        'red',
        `${plural(Number(event.fields['tasks'] ?? 0), 'task')} dead-lettered`,
      );
    case 'batch.resent':
      return is('mark', 'return', 'orange', `a batch was sent again: ${spaced(text(event, 'reason'))}`);
    case 'stack.emptied':
      return is('mark', 'square', 'red', `${describeLoss(event)} emptied`);
    default:
      return is('note', 'square', 'muted', spaced(event.name));
  }
}

/** If the tables are new ones, whether the queue is new is unknown. */
function describeLoss({ fields: { tables, queue } }: StatsEvent): string {
  if (tables === 1) return 'the tables were';
  return queue === 1 ? 'the queue was' : 'queue or tables were';
}

const spaced = (name: string): string => name.replaceAll(/[_.]/g, ' ');

/** Returns the newest groups first; equal events that happened together are one group. */
export function groupEvents(events: readonly StatsEvent[]): EventGroup[] {
  const groups = new Map<string, { first: EventDescription; times: number; workers: Set<string> }>();
  for (const event of events) {
    const description = describeEvent(event);
    const windowMs = description.weight === 'failure' ? MERGE_WINDOW_MS : 1000;
    const key = `${Math.floor(description.atMs / windowMs)} ${description.sentence}`;
    const group = groups.get(key) ?? { first: description, times: 0, workers: new Set() };
    groups.set(key, group);
    group.times += 1;
    for (const id of description.workerId.split(',')) if (id !== '') group.workers.add(id);
  }
  return [...groups]
    .map(([key, { first, times, workers }]) => ({ ...first, key, times, workers: [...workers].sort() }))
    .sort((a, b) => b.atMs - a.atMs);
}
