/** The table of stacks in a document, and what is different in each: kept between two marks. */
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

/** The differences there, on one line. */
export function printDifferences({ stack, checks }: Row): string {
  const named = (['failed', 'differs'] as const).flatMap((verdict) => {
    const names = checks.filter((check) => check.verdict === verdict).map(({ name }) => name);
    return names.length === 0
      ? []
      : `${verdict}: ${names.map((name) => name.replace(' > ', ' ')).join('; ')}`;
  });
  return `${item(stack)} ${named.length === 0 ? 'all as on AWS' : named.join('. ')}.`;
}

/** @throws Error where the document has no such table */
export function withRow(document: string, row: Row): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`there is no table between ${BEGIN} and ${END}`);
  const lines = document.slice(begin + BEGIN.length, end).split('\n');
  const rows = lines.filter((text) => text.startsWith('| ') && !tableHead.includes(text));
  const differences = lines.filter((text) => text.startsWith('- '));
  const table = [
    ...tableHead,
    ...replaced(rows, `| ${row.stack} |`, printRow(row)),
    '',
    ...replaced(differences, item(row.stack), printDifferences(row)),
  ];
  return `${document.slice(0, begin)}${BEGIN}\n\n${table.join('\n')}\n\n${document.slice(end)}`;
}

/** In the place of the line that begins so, or at the end. */
function replaced(lines: readonly string[], beginning: string, line: string): string[] {
  const isThere = lines.some((text) => text.startsWith(beginning));
  return isThere ? lines.map((text) => (text.startsWith(beginning) ? line : text)) : [...lines, line];
}

function item(stack: string): string {
  return `- **${stack}**:`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
