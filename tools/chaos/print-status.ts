/** The output of `status`: a line for each process, with the faults injected into it. */
import { printBriefDuration } from '../kit/numbers/duration.js';
import type { ProcessView } from '../../contracts/control/control-protocol.js';
import type { InjectedView } from '../kit/system/system.js';

export interface Status {
  readonly processes: readonly ProcessView[];
  readonly injected: readonly InjectedView[];
}

export function printStatus({ processes, injected }: Status): string {
  const rows = processes.map(({ name, state, pid, url = '' }) => [
    name,
    state,
    pid === undefined ? '' : `pid ${pid}`,
    url,
    injected
      .filter(({ target }) => target === name)
      .map(describe)
      .join(', '),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

function describe({ what, leftMs, countLeft }: InjectedView): string {
  const limits = [
    ...(countLeft === undefined ? [] : [countLeft === 1 ? 'the next invoke' : `the next ${countLeft}`]),
    ...(leftMs === undefined ? [] : [`${printBriefDuration(leftMs)} left`]),
  ];
  return limits.length === 0 ? what : `${what} (${limits.join(', ')})`;
}
