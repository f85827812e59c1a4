/** The table of stacks in a document: one row for each, kept between two marks. */
import { countOf, type CheckResult } from './check-result.js';
import type { CallCosts } from './time-calls.js';

export interface Row {
  readonly stack: string;
  readonly checks: readonly CheckResult[];
  readonly costs: CallCosts | undefined;
}

const BEGIN = '<!-- stacks: begin -->';
const END = '<!-- stacks: end -->';
const COLUMNS = [
  'stack',
  'passed',
  'differs',
  'failed',
  'put 1 KB',
  'put 5 KB',
  'update',
  'get',
  'query',
  'send',
  'receive',
  'delete',
  'puts/s, 16 at once',
];

export const tableHead: readonly string[] = [line(COLUMNS), line(COLUMNS.map(() => '---'))];

export function printRow({ stack, checks, costs }: Row): string {
  const counts = (['passed', 'differs', 'failed'] as const).map((verdict) =>
    String(countOf(checks, verdict)),
  );
  const figures =
    costs === undefined
      ? COLUMNS.slice(4).map(() => '–')
      : [...Object.values(costs.ms).map((ms) => ms.toFixed(1)), String(Math.round(costs.putsPerSecond))];
  return line([stack, ...counts, ...figures]);
}

/** @throws Error where the document has no such table */
export function withRow(document: string, row: Row): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`there is no table between ${BEGIN} and ${END}`);
  const rows = document
    .slice(begin + BEGIN.length, end)
    .split('\n')
    .filter((text) => text.startsWith('| ') && !text.startsWith('| stack |') && !text.startsWith('| --- |'));
  const mine = `| ${row.stack} |`;
  const next = rows.some((text) => text.startsWith(mine))
    ? rows.map((text) => (text.startsWith(mine) ? printRow(row) : text))
    : [...rows, printRow(row)];
  const table = [...tableHead, ...next].join('\n');
  return `${document.slice(0, begin)}${BEGIN}\n\n${table}\n\n${document.slice(end)}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
