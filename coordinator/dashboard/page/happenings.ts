/** What the `stats` table's events mean to people: a mark on the time axis and a sentence. */
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import { plural } from './format.js';
import type { Shape } from './icons.js';
import type { Colour } from './theme.js';
import { WORKER_LOOKS, type Look } from './words.js';
import type { WorkerLook } from './worker-look.js';

export interface Happening {
  readonly atMs: number;
  readonly shape: Shape;
  readonly tone: Colour;
  readonly sentence: string;
  readonly workerId: string;
  /**
   * `failure`: of a delivery; they are many, and counted. `mark`: stands on the time axis. `note`: only in the list,
   * since a worker's lane shows it anyway.
   */
  readonly weight: 'failure' | 'mark' | 'note';
}

export interface Told extends Happening {
  readonly key: string;
  readonly times: number;
  readonly workers: readonly string[];
}

/** Failures of the same kind within so long become one line. */
const TOGETHER_MS = 5000;

const text = (event: StatsEvent, field: string): string => String(event.fields[field] ?? '');

export function happening(event: StatsEvent): Happening {
  const workerId = text(event, 'workerId');
  const is = (weight: Happening['weight'], shape: Shape, tone: Colour, sentence: string): Happening => ({
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
      const look = WORKER_LOOKS[state as WorkerLook] as Look | undefined;
      const weight = state === 'down' ? 'mark' : 'note';
      return is(weight, look?.shape ?? 'square', look?.tone ?? 'muted', `${workerId} is ${state}`);
    }
    case 'worker.registered':
      return event.fields['process'] === 'known'
        ? is('note', 'return', 'green', `${workerId} is heard again`)
        : is('mark', 'return', 'green', `${workerId} started`);
    case 'worker.ejected':
      return is('mark', 'triangle', 'purple', `${workerId} is left out: its invokes keep failing`);
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
      return is('failure', 'diamond', 'purple', 'lost, nothing came back of it');
    case 'batch.dead_lettered':
      return is(
        'mark',
        'cross',
        'red',
        `${plural(Number(event.fields['tasks'] ?? 0), 'task')} dead-lettered`,
      );
    case 'batch.resent':
      return is('mark', 'return', 'orange', `a batch was sent once more: ${words(text(event, 'reason'))}`);
    case 'stack.emptied':
      return is('mark', 'square', 'red', `${lost(event)} emptied`);
    default:
      return is('note', 'square', 'muted', words(event.name));
  }
}

/** Where the tables are others, nobody knows whether the queue is. */
function lost({ fields: { tables, queue } }: StatsEvent): string {
  if (tables === 1) return 'the tables were';
  return queue === 1 ? 'the queue was' : 'queue or tables were';
}

const words = (name: string): string => name.replaceAll(/[_.]/g, ' ');

/** Newest first; equal ones that came together counted. */
export function told(events: readonly StatsEvent[]): Told[] {
  const groups = new Map<string, { first: Happening; times: number; workers: Set<string> }>();
  for (const event of events) {
    const one = happening(event);
    const together = one.weight === 'failure' ? TOGETHER_MS : 1000;
    const key = `${Math.floor(one.atMs / together)} ${one.sentence}`;
    const group = groups.get(key) ?? { first: one, times: 0, workers: new Set() };
    groups.set(key, group);
    group.times += 1;
    for (const id of one.workerId.split(',')) if (id !== '') group.workers.add(id);
  }
  return [...groups]
    .map(([key, { first, times, workers }]) => ({ ...first, key, times, workers: [...workers].sort() }))
    .sort((a, b) => b.atMs - a.atMs);
}
