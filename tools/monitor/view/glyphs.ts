/** The characters that things are drawn with: of every terminal today, or of every terminal ever. */
import type { TaskStatus } from '../../../contracts/batch/task-status.js';
import type { WorkerState } from '../../../contracts/worker/worker.js';
import { oneLine } from '../../kit/terminal/cells.js';

export interface Glyphs {
  readonly spark: readonly string[];
  readonly full: string;
  readonly empty: string;
  readonly states: Readonly<Record<WorkerState, string>>;
  readonly statuses: Readonly<Record<TaskStatus, string>>;
  readonly fault: string;
  readonly live: string;
  readonly none: string;
  readonly arrow: string;
  readonly times: string;
  readonly separator: string;
  readonly ellipsis: string;
  readonly box: Readonly<
    Record<'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight' | 'across' | 'down', string>
  >;
  /** A text of somebody else's, fit to be shown. */
  readonly text: (text: string) => string;
}

export const UNICODE: Glyphs = {
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  full: '■',
  empty: '·',
  states: { up: '●', suspect: '◐', draining: '◌', down: '○' },
  statuses: { queued: '·', running: '▸', succeeded: '✓', failed: '✗', expired: '◷', cancelled: '–' },
  fault: '↯',
  live: '●',
  none: '–',
  arrow: '→',
  times: '×',
  separator: '·',
  ellipsis: '…',
  box: { topLeft: '┌', topRight: '┐', bottomLeft: '└', bottomRight: '┘', across: '─', down: '│' },
  text: oneLine,
};

export const ASCII: Glyphs = {
  spark: ['_', '.', ':', '-', '=', '+', '*', '#'],
  full: '#',
  empty: '.',
  states: { up: '*', suspect: '?', draining: '-', down: 'x' },
  statuses: { queued: '.', running: '>', succeeded: '+', failed: 'x', expired: '@', cancelled: '-' },
  fault: '!',
  live: '*',
  none: '-',
  arrow: '->',
  times: 'x',
  separator: '|',
  ellipsis: '~',
  box: { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', across: '-', down: '|' },
  text: (text) =>
    oneLine(text)
      .replace(/±/g, '+-')
      .replace(/…/g, '~')
      .replace(/[^\x20-\x7e]/gu, '?'),
};
