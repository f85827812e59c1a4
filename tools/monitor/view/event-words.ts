/** Events of the `stats` table, and those the monitor noticed itself, as a person would say them. */
import type { StatsEvent } from '../../../contracts/stats.js';
import type { Style } from './styled.js';

export interface EventWords {
  readonly text: string;
  readonly style: Style;
  /** What was injected, where something was. */
  readonly fault?: string;
}

export function describeEvent({ name, fields }: StatsEvent, arrow: string): EventWords {
  const { workerId = '?', delivery, error, fault } = fields;
  const injected = fault === undefined || fault === 'none' ? {} : { fault: String(fault) };
  switch (name) {
    case 'worker.state':
      return {
        text: `${workerId}: ${fields['before'] ?? '?'} ${arrow} ${fields['state'] ?? '?'}`,
        style: stateStyle(fields['state']),
      };
    case 'worker.restarted':
      return { text: `${workerId}: a new process`, style: 'warn' };
    case 'worker.ejected':
      return {
        text: `${workerId}: ejected for ${fields['forMs'] ?? '?'} ms, ${fields['code'] ?? ''}`,
        style: 'bad',
      };
    case 'faults.changed':
      return { text: `${workerId}: faults ${fault ?? '?'}`, style: 'fault', ...injected };
    case 'delivery.failed':
      return {
        text: `${workerId}: delivery ${delivery ?? '?'} failed${because(error)}`,
        style: 'bad',
        ...injected,
      };
    case 'delivery.lost':
      return { text: `delivery ${delivery ?? '?'} lost: nothing came back`, style: 'bad' };
    case 'batch.dead_lettered':
      return { text: `${fields['tasks'] ?? '?'} tasks failed for good`, style: 'bad' };
    case 'batch.resent':
      return {
        text: `message sent again: ${String(fields['reason'] ?? '?').replaceAll('_', ' ')}`,
        style: 'warn',
      };
    case 'stack.emptied':
      return { text: 'the stack was emptied; what is held is put back', style: 'bad' };
    default: {
      const said = Object.entries(fields).map(([field, value]) => `${field} ${value}`);
      return { text: [name, ...said].join(' '), style: 'plain', ...injected };
    }
  }
}

const because = (error: string | number | undefined): string => (error === undefined ? '' : `: ${error}`);

function stateStyle(state: string | number | undefined): Style {
  if (state === 'up') return 'good';
  return state === 'down' ? 'bad' : 'warn';
}
