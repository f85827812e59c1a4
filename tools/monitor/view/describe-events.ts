/** Events of the `stats` table, and those the monitor noticed itself, as a person would say them. */
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import { codeOf, type EventRow } from './event-rows.js';
import type { Style } from '../../kit/terminal/styled.js';

export interface EventDescription {
  readonly text: string;
  readonly style: Style;
  /** The injected fault, if any. */
  readonly fault?: string;
}

export function describeRow({ events }: EventRow, arrow: string): EventDescription {
  const [event, ...others] = events;
  const words = describeEvent(event, arrow);
  if (others.length === 0) return words;
  return {
    ...words,
    text: `${events.length} ${pluralOf(event.name)}${commonOf(event)}${workersOf(events)}`,
  };
}

export function describeEvent(event: StatsEvent, arrow: string): EventDescription {
  const { name, fields } = event;
  const { delivery = '?', fault } = fields;
  const workerId = String(fields['workerId'] ?? '?').replaceAll(',', ', ');
  const injected = fault === undefined || fault === 'none' ? {} : { fault: String(fault) };
  switch (name) {
    case 'worker.state': {
      const { before = '?', state = '?' } = fields;
      return { text: `${workerId}: ${before} ${arrow} ${state}`, style: stateStyle(state) };
    }
    case 'worker.registered':
      return { text: `${workerId}: registered`, style: 'good' };
    case 'coordinator.started':
      return { text: `${fields['coordinatorId'] ?? 'coordinator'}: started`, style: 'warn' };
    case 'worker.restarted':
      return { text: `${workerId}: a new process`, style: 'warn' };
    case 'monitor.state': {
      const { reason, before = '?', state = '?' } = fields;
      return {
        text: `${before} ${arrow} ${state}${reason === undefined ? '' : `: ${reason}`}`,
        style: state === 'live' ? 'good' : 'bad',
      };
    }
    case 'worker.ejected':
      return {
        text: `${workerId}: ejected for ${fields['forMs'] ?? '?'} ms, ${fields['code'] ?? ''}`,
        style: 'bad',
      };
    case 'faults.changed':
      return fault === 'none'
        ? { text: `${workerId}: faults off`, style: 'good' }
        : { text: `${workerId}: faults ${fault ?? '?'}`, style: 'fault', ...injected };
    case 'delivery.failed':
      return {
        text: `${workerId}: ${codeOf(event) ?? 'failed'}, delivery ${delivery}`,
        style: 'bad',
        ...injected,
      };
    case 'delivery.lost':
      return { text: `delivery ${delivery} lost: nothing came back`, style: 'bad' };
    case 'batch.dead_lettered':
      return { text: `${fields['tasks'] ?? '?'} tasks failed for good`, style: 'bad' };
    case 'batch.resent':
      return { text: `message sent again: ${spaced(fields['reason'])}`, style: 'warn' };
    case 'stack.emptied':
      return { text: describeLoss(event), style: 'bad' };
    default: {
      const said = Object.entries(fields).map(([field, value]) => `${field} ${value}`);
      return { text: [name, ...said].join(' '), style: 'plain', ...injected };
    }
  }
}

/** Where the tables are others, nobody knows whether the queue is. */
function describeLoss({ fields: { tables, queue } }: StatsEvent): string {
  if (tables === 1) return 'the tables were emptied; what is held is put back';
  if (queue === 1) return 'the queue was emptied; its messages are sent again';
  return 'the stack was emptied; what is held is put back';
}

const PLURAL_NAMES: Readonly<Record<string, string>> = {
  'delivery.failed': 'failed',
  'delivery.lost': 'deliveries lost',
  'batch.resent': 'sent again',
  'batch.dead_lettered': 'batches failed for good',
};

const pluralOf = (name: string): string => PLURAL_NAMES[name] ?? name;

function commonOf(event: StatsEvent): string {
  const { reason } = event.fields;
  const why = codeOf(event) ?? (reason === undefined ? undefined : spaced(reason));
  return why === undefined ? '' : `: ${why}`;
}

/** Several at one event are joined by commas. */
function workersOf(events: readonly StatsEvent[]): string {
  const ids = new Set(events.flatMap(({ fields }) => String(fields['workerId'] ?? '').split(',')));
  ids.delete('');
  return ids.size === 0 ? '' : ` (${[...ids].sort().join(', ')})`;
}

const spaced = (word: string | number | undefined): string => String(word ?? '?').replaceAll('_', ' ');

function stateStyle(state: string | number): Style {
  if (state === 'up') return 'good';
  return state === 'down' ? 'bad' : 'warn';
}
