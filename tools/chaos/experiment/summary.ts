/** Several experiments side by side, as the README and closing notes want them. */
import { printDuration } from '../../kit/numbers/duration.js';
import type { Journal } from './journal.js';

const HEADINGS = [
  'experiment',
  'verdict',
  'accepted',
  'succeeded',
  'failed',
  'lost',
  'computed twice',
  'stored twice',
  'p99 recovery',
  'p99 under way',
];

/** A Markdown table. */
export function printSummary(journals: readonly Journal[]): readonly string[] {
  const rows = journals.map(({ name, verdict, findings }) => {
    if (findings === undefined) return [name, verdict.outcome, ...HEADINGS.slice(2).map(() => '')];
    const { figures } = findings;
    const gone = figures.gone === 0 ? '' : ` (${figures.gone} gone)`;
    return [
      name,
      verdict.outcome,
      String(figures.accepted),
      String(figures.succeeded),
      String(figures.failed),
      `${figures.lost + figures.open}${gone}`,
      String(figures.duplicatesComputed),
      String(figures.duplicatesStored),
      printTime(figures.recoveryP99Ms),
      printTime(figures.underWayP99Ms),
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return ['', line(HEADINGS), line(HEADINGS.map(() => '---')), ...rows.map(line)];
}

function printTime(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return Number.isFinite(ms) ? printDuration(ms) : 'never';
}
