/** Events of the `stats` table, and those the monitor noticed itself, as rows of text. */
import { describeEvent as describeStatsEvent, sentenceOf } from '../../../contracts/stats/events.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import type { Style } from '../../kit/terminal/styled.js';
import type { EventRow } from './event-rows.js';

export interface EventText {
  readonly text: string;
  readonly style: Style;
  /** The injected fault, if any. */
  readonly fault?: string;
}

const STYLES = { good: 'good', warning: 'warn', bad: 'bad', unknown: 'plain' } as const;

export function describeRow({ events }: EventRow, arrow: string): EventText {
  const [event, ...others] = events;
  const single = describeEvent(event, arrow);
  if (others.length === 0) return single;
  const { name, reason } = describeStatsEvent(event).several ?? { name: event.name, reason: '' };
  const why = reason === '' ? '' : `: ${reason}`;
  return { ...single, text: `${events.length} ${name}${why}${workersOf(events)}` };
}

export function describeEvent(event: StatsEvent, arrow: string): EventText {
  const noticed = describeNoticed(event, arrow);
  if (noticed !== undefined) return noticed;
  const description = describeStatsEvent(event);
  const { fault } = event.fields;
  return {
    text: sentenceOf(description),
    style: STYLES[description.severity],
    ...(fault === undefined || fault === 'none' ? {} : { fault: String(fault) }),
  };
}

/** Describes what the monitor noticed itself. */
function describeNoticed({ name, fields }: StatsEvent, arrow: string): EventText | undefined {
  const { workerId = '?', fault = '?', reason, before = '?', state = '?' } = fields;
  switch (name) {
    case 'worker.restarted':
      return { text: `${workerId} runs in a new process`, style: 'warn' };
    case 'monitor.state': {
      const why = reason === undefined ? '' : `: ${reason}`;
      return { text: `${before} ${arrow} ${state}${why}`, style: state === 'live' ? 'good' : 'bad' };
    }
    case 'faults.changed':
      return fault === 'none'
        ? { text: `${workerId} injects no faults any more`, style: 'good' }
        : { text: `${workerId} injects faults: ${fault}`, style: 'fault', fault: String(fault) };
    default:
      return undefined;
  }
}

/** Several at one event are joined by commas. */
function workersOf(events: readonly StatsEvent[]): string {
  const ids = new Set(events.flatMap(({ fields }) => String(fields['workerId'] ?? '').split(',')));
  ids.delete('');
  return ids.size === 0 ? '' : ` (${[...ids].sort().join(', ')})`;
}
