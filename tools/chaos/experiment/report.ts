/** A run on one page, in Markdown. */
import { counted } from '../../kit/numbers/counted.js';
import { printDuration } from '../../kit/numbers/duration.js';
import type { Findings, Journal } from './journal.js';
import type { Recovery } from '../evidence/recovery.js';

export interface ReportLinks {
  readonly picture: string;
  readonly journal: string;
}

export function printReport(journal: Journal, links: ReportLinks): string {
  const { name, description, verdict, startedAt, findings } = journal;
  const reason = verdict.outcome === 'held' ? '' : `: ${verdict.reason}`;
  const head = [`# ${name}: ${verdict.outcome}`, '', description, '', `${startedAt}${reason}.`, ''];
  if (findings === undefined) return [...head, ''].join('\n');
  return [
    ...head,
    `![Throughput, latency and faults over time](${links.picture})`,
    '',
    '## Checks',
    '',
    ...table(
      ['', 'check', 'found'],
      findings.checks.map(({ held, name: check, finding }) => [held ? 'held' : '**broken**', check, finding]),
    ),
    ...examples(findings),
    '## What was done, and how soon it was over',
    '',
    ...faultLines(findings),
    '',
    '## Figures',
    '',
    ...table(['', ''], figureRows(findings)),
    `All of it, request by request: [${links.journal}](${links.journal}).`,
    '',
  ].join('\n');
}

function examples({ checks }: Findings): readonly string[] {
  const broken = checks.filter(({ held, examples: some }) => !held && some.length > 0);
  return broken.flatMap(({ name, examples: some }) => [
    `${name}:`,
    '',
    ...some.map((each) => `- ${escaped(each)}`),
    '',
  ]);
}

function faultLines({ recoveries, marks }: Findings): readonly string[] {
  const rows = marks.map((mark) => {
    const recovery = recoveries.find(({ text, atMs }) => text === mark.text && atMs === mark.atMs);
    return [
      `${(mark.atMs / 1000).toFixed(1)} s`,
      mark.text,
      mark.targets.join(', '),
      recovery === undefined ? '' : printRecovery(recovery),
      recovery === undefined
        ? ''
        : `${counted(recovery.underWay, 'task')}, ${printMs(recovery.underWayMs, 'never all')}`,
    ];
  });
  if (rows.length === 0) return ['Nothing was done to it.'];
  return [
    ...table(['at', 'what', 'to', 'throughput back after', 'under way then, all final after'], rows),
    'Throughput is back at a moment when, in the second that follows, at least 75 % of what was planned was answered well; *not felt* is a ' +
      'fault after which it was never less. Tasks under way are those that were accepted and not final at the fault.',
  ];
}

export function printRecovery({ throughputMs }: Pick<Recovery, 'throughputMs'>): string {
  return throughputMs === 0 ? 'not felt' : printMs(throughputMs, 'not before the load ended');
}

function printMs(ms: number | undefined, never: string): string {
  return ms === undefined ? never : printDuration(ms);
}

function figureRows({ figures, untold }: Findings): readonly (readonly string[])[] {
  const { requestStates: states, faultsMet } = figures;
  const faults = Object.entries(faultsMet).map(([kind, count]) => `${kind} ${count}`);
  return [
    [
      'requests',
      `${figures.requests}: ${states.accepted} accepted, ${states.unknown} broken off, ${states.rejected} refused, ${states.unreached} reached nobody, ${states.open} without an answer; ${counted(figures.repeats, 'repetition')}`,
    ],
    ['tasks accepted', String(figures.accepted)],
    [
      'succeeded, failed, expired, cancelled',
      [figures.succeeded, figures.failed, figures.expired, figures.cancelled].join(', '),
    ],
    ['lost', String(figures.lost)],
    ['unfinished', String(figures.open)],
    ['gone with a coordinator that died before the stack was emptied', String(figures.gone)],
    ['accepted, though their client was not told', String(untold.length)],
    [
      'answers computed twice, stored twice',
      [figures.duplicatesComputed, figures.duplicatesStored].join(', '),
    ],
    ['deliveries beyond the first', String(figures.redeliveries)],
    ['messages sent again', String(figures.resent)],
    ['injected faults that tasks met', faults.length === 0 ? 'none' : faults.join(', ')],
    [
      'latency from the planned time, p50, p99',
      [figures.p50Ms, figures.p99Ms].map((ms) => printMs(ms, 'none')).join(', '),
    ],
  ];
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line), ''];
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
