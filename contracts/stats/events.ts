/**
 * The events and counters that coordinators write into the `stats` table, with one description of each event for all who
 * show it. The dashboard's page loads this module, so it imports types alone.
 */
import type { DeliveryCause } from '../batch/delivery-cause.js';
import type { DeliveryOutcome } from '../batch/batch.js';
import type { TaskStatus } from '../batch/task-status.js';
import type { StatsEvent } from './stats.js';

/** The fields of each event, by its name. */
export interface EventFields {
  /** `known`: the same process sends heartbeats again. */
  'worker.registered': { readonly workerId: string; readonly process: 'known' | 'new' };
  'worker.state': { readonly workerId: string; readonly state: string; readonly before: string };
  'worker.ejected': {
    readonly workerId: string;
    readonly forMs: number;
    readonly times: number;
    readonly code: string;
  };
  /** `heartbeatAgeMs`: the age of the youngest heartbeat that it found. */
  'coordinator.started': { readonly coordinatorId: string; readonly heartbeatAgeMs?: number };
  /** `workerId` and `fault` are joined by commas where there are several; `error` is `code: message`. */
  'delivery.failed': {
    readonly batchId: string;
    readonly workerId: string;
    readonly delivery: number;
    readonly outcome: DeliveryOutcome;
    readonly cause?: DeliveryCause;
    readonly fault?: string;
    readonly error?: string;
  };
  'delivery.lost': { readonly batchId: string; readonly delivery: number };
  'batch.dead_lettered': { readonly batchId: string; readonly tasks: number };
  'batch.resent': { readonly batchId: string; readonly sends: number; readonly reason: string };
  /** 1 for what is known to have been emptied, else 0. */
  'stack.emptied': { readonly tables: number; readonly queue: number };
}
export type EventName = keyof EventFields;

/** Counters of a second. `test.` is for tests and simulations. */
export type CounterName =
  | Exclude<TaskStatus, 'queued' | 'running'>
  | `deliveries.${DeliveryOutcome}`
  | `faults.${string}`
  | `test.${string}`
  | 'accepted'
  | 'deadLetters'
  | 'ejections'
  | 'late'
  | 'redriven'
  | 'rejected'
  | 'resent'
  | 'resentNeedlessly'
  | 'retries'
  | 'unexpectedOutcomes'
  | 'unreadableItems'
  | 'unreadableMessages'
  | 'workersRefused';

export interface EventDescription {
  /** Whom the event is about: workers, joined by commas, or a coordinator. Empty where it is neither. */
  readonly subject: string;
  /** The event itself, to be read after the subject: `was ejected for 2000 ms: http_500`. */
  readonly text: string;
  readonly severity: 'good' | 'warning' | 'bad' | 'unknown';
  /** Only for events that come in numbers: what to call several of them, such as `deliveries failed`, and why they came. */
  readonly several?: { readonly name: string; readonly reason: string };
}

type Describe = (field: (name: string) => string) => EventDescription;

const DESCRIPTIONS: Readonly<Record<EventName, Describe>> = {
  'worker.registered': (field) => ({
    subject: field('workerId'),
    text: field('process') === 'known' ? 'sends heartbeats again' : 'started',
    severity: 'good',
  }),
  'worker.state': (field) => ({
    subject: field('workerId'),
    text: `is ${field('state')}, was ${field('before')}`,
    severity: field('state') === 'up' ? 'good' : field('state') === 'down' ? 'bad' : 'warning',
  }),
  'worker.ejected': (field) => ({
    subject: field('workerId'),
    text: `was ejected for ${field('forMs')} ms: ${field('code')}`,
    severity: 'bad',
  }),
  'coordinator.started': (field) => ({
    subject: field('coordinatorId'),
    text: 'started',
    severity: 'warning',
  }),
  'delivery.failed': (field) => {
    const reason = codeOf(field('error')) || 'no reason given';
    return {
      subject: field('workerId').replaceAll(',', ', '),
      text: `failed delivery ${field('delivery')}: ${reason}`,
      severity: 'bad',
      several: { name: 'deliveries failed', reason },
    };
  },
  'delivery.lost': (field) => ({
    subject: '',
    text: `delivery ${field('delivery')} was lost: no result came back`,
    severity: 'bad',
    several: { name: 'deliveries lost', reason: '' },
  }),
  'batch.dead_lettered': (field) => ({
    subject: '',
    text: `${field('tasks')} ${field('tasks') === '1' ? 'task' : 'tasks'} dead-lettered`,
    severity: 'bad',
    several: { name: 'batches dead-lettered', reason: '' },
  }),
  'batch.resent': (field) => ({
    subject: '',
    text: `a message was sent again: ${spaced(field('reason'))}`,
    severity: 'warning',
    several: { name: 'messages sent again', reason: spaced(field('reason')) },
  }),
  'stack.emptied': (field) => ({
    subject: '',
    text: describeLoss(field('tables') === '1', field('queue') === '1'),
    severity: 'bad',
  }),
};

/** An event of another version is described by its name and fields. */
export function describeEvent({ name, fields }: StatsEvent): EventDescription {
  const field = (key: string): string => String(fields[key] ?? (key === 'error' ? '' : '?'));
  if (isEventName(name)) return DESCRIPTIONS[name](field);
  const all = Object.entries(fields).map(([key, value]) => `${key} ${value}`);
  return { subject: '', text: [name, ...all].join(' '), severity: 'unknown' };
}

/** Subject and text as one sentence. */
export function sentenceOf({ subject, text }: Pick<EventDescription, 'subject' | 'text'>): string {
  return subject === '' ? text : `${subject} ${text}`;
}

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(DESCRIPTIONS, name);
}

/** The code of an error that is told as `code: message`. */
export function codeOf(error: string): string {
  return error.split(':')[0] ?? '';
}

/** If the tables are new ones, whether the queue is new is unknown. */
function describeLoss(tables: boolean, queue: boolean): string {
  if (tables) return 'the tables were emptied; what is held is put back';
  return queue
    ? 'the queue was emptied; its messages are sent again'
    : 'the stack was emptied; what is held is put back';
}

const spaced = (word: string): string => word.replaceAll('_', ' ');
