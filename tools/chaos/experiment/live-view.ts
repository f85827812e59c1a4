/** A run as it happens: one line a second, and one for each thing done. */
import { counted } from '../../kit/numbers/counted.js';
import type { CheckResult } from '../checks/check.js';
import { printDuration } from '../../kit/numbers/duration.js';
import type { Journal } from './journal.js';
import { printRecovery } from './report.js';
import type { LiveSecond, Phase, RunEvent } from './run-events.js';
import type { WorkerSnapshot } from './steady-state.js';
import type { Mark } from '../timeline/timeline.js';

const COLUMNS = ['s', 'planned', 'sent', 'ok', 'retried', 'failed', 'refused', 'p50 ms', 'p99 ms', 'open'];
const WIDTHS = [4, 8, 6, 6, 8, 7, 8, 8, 8, 6];

const LEGEND = [
  '  Requests of each second: planned, sent, ok (all tasks answered), retried',
  '  (sent once more), failed (a task did), refused (429, 503, no connection),',
  '  open (under way). p50, p99: from the planned time to the answer.',
  '  Workers in order: ● up  ◐ suspect  ○ down  ◌ draining  ? not told',
];

const PHASES: Readonly<Record<Phase, string>> = {
  steady: 'waiting until the system is ready',
  model: 'asking the bare model for the right answers',
  load: '',
  heal: 'healing',
  drain: 'waiting until all that was accepted is final',
  check: 'comparing what clients were told with what DynamoDB holds',
};

const STATES: Readonly<Record<string, string>> = { up: '●', suspect: '◐', draining: '◌', down: '○' };

/** The lines that an event is worth; none for most marks' ends. */
export function printEvent(event: RunEvent): readonly string[] {
  switch (event.kind) {
    case 'phase':
      return event.phase === 'load'
        ? ['', ...LEGEND, '', row(COLUMNS) + '  workers']
        : [`  ${PHASES[event.phase]}`];
    case 'second':
      return [secondLine(event.second)];
    case 'mark':
      return markLines(event.mark, event.atMs);
    case 'healed':
      return event.what.map((what) => `  healed: ${what}`);
  }
}

function secondLine(second: LiveSecond): string {
  const refused = second.rejected + second.unreached + second.unknown;
  const ms = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(0));
  const cells = [
    second.second + 1,
    second.planned,
    second.sent,
    second.ok,
    second.retried,
    second.failed,
    refused,
    ms(second.p50Ms),
    ms(second.p99Ms),
    second.open,
  ];
  const active = second.active.map(({ text }) => text).join(' + ');
  return `${row(cells.map(String))}  ${workers(second.workers)}${active === '' ? '' : `  ${active}`}`;
}

function workers(seen: readonly WorkerSnapshot[] | undefined): string {
  return seen === undefined ? '?' : seen.map(({ state }) => STATES[state] ?? '?').join('');
}

function markLines(mark: Mark, nowMs: number): readonly string[] {
  const { text, targets, atMs, doneAtMs, problem } = mark;
  if (problem !== undefined) return [`  ✗ ${text}: ${problem}`];
  if (doneAtMs !== undefined)
    return nowMs - atMs > 500 && mark.overAtMs !== undefined
      ? [`  · ${text} is over after ${printDuration(nowMs - atMs)}`]
      : [];
  const named =
    targets.length === 0 || targets.every((target) => text.includes(target))
      ? ''
      : ` (${targets.join(', ')})`;
  return [`  ▶ ${text}${named}`];
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 0)).join('');
}

/** The lines below the last second. */
export function printVerdict({ verdict, findings }: Journal): readonly string[] {
  const last = verdict.outcome === 'held' ? 'HELD' : `${verdict.outcome.toUpperCase()}: ${verdict.reason}`;
  if (findings === undefined) return ['', last];
  const { checks, recoveries, figures } = findings;
  const { requestStates: states } = figures;
  return [
    '',
    ...checks.flatMap(checkLines),
    '',
    ...recoveries.map(
      (recovery) =>
        `  ${recovery.text} at ${(recovery.atMs / 1000).toFixed(1)} s: throughput ${printRecovery(recovery)}` +
        (recovery.underWay === 0
          ? ''
          : `, ${counted(recovery.underWay, 'task')} under way final after ${recovery.underWayMs === undefined ? 'never' : printDuration(recovery.underWayMs)}`),
    ),
    `  ${counted(figures.requests, 'request')} (${states.unknown} broken off, ${states.rejected + states.unreached} refused, ` +
      `${counted(figures.repeats, 'repetition')}), ${counted(figures.accepted, 'task')} accepted, ` +
      `${counted(figures.redeliveries, 'delivery', 'deliveries')} beyond the first`,
    '',
    last,
  ];
}

function checkLines({ name, held, finding, examples }: CheckResult): readonly string[] {
  return [
    `  ${held ? '✓' : '✗'} ${name}: ${finding}`,
    ...(held ? [] : examples.map((example) => `      ${example}`)),
  ];
}
