/** Two runs beside each other: what `--json` wrote of each. */
import { messageOf } from '../../contracts/common/text.js';
import { loadDifferences } from './load-differences.js';
import { OUTCOME_NAMES, OUTCOMES, isGood } from './outcome.js';
import { wrapText } from '../../infra/cli/wrap-text.js';
import { BurstError } from './settings.js';
import { summarySchema, type Summary } from './summary-schema.js';
import { columns, showMs, showShare } from './format.js';

/** @throws BurstError */
export function readSummary(file: string, readFile: (path: string) => string): Summary {
  let json: unknown;
  try {
    json = JSON.parse(readFile(file));
  } catch (error) {
    throw new BurstError(`${file} cannot be read as JSON: ${messageOf(error)}`);
  }
  const { data, error } = summarySchema.safeParse(json);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const where =
    issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.map(String).join('.')})`;
  throw new BurstError(
    `${file} is no result of burst: ${issue?.message ?? 'unknown form'}${where}; write one with --json FILE`,
  );
}

export interface Difference {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
  /** After through before; nothing where there is nothing to divide by. */
  readonly ratio: number | null;
  readonly unit: 'ms' | 'perSecond' | 'share' | 'count';
}

export function differences(before: Summary, after: Summary): readonly Difference[] {
  const row = (
    name: string,
    unit: Difference['unit'],
    pick: (summary: Summary) => number | null,
  ): Difference => {
    const [first, second] = [pick(before), pick(after)];
    const ratio = first === null || second === null || first === 0 ? null : second / first;
    return { name, unit, before: first, after: second, ratio };
  };
  const isThere = (name: (typeof OUTCOME_NAMES)[number]): boolean =>
    !isGood(name) && before.outcomes[name] + after.outcomes[name] > 0;
  return [
    row('requests', 'count', ({ requests }) => requests.judged),
    row('ok', 'share', (summary) => shareOf(summary, summary.outcomes.ok + summary.outcomes.retried)),
    row('ok after retry', 'share', (summary) => shareOf(summary, summary.outcomes.retried)),
    row('errors', 'share', (summary) => shareOf(summary, summary.errors)),
    ...OUTCOME_NAMES.filter(isThere).map((name) =>
      row(`  ${OUTCOMES[name]}`, 'share', (summary) => shareOf(summary, summary.outcomes[name])),
    ),
    row('p50', 'ms', ({ latencyMs }) => latencyMs.corrected.p50),
    row('p90', 'ms', ({ latencyMs }) => latencyMs.corrected.p90),
    row('p95', 'ms', ({ latencyMs }) => latencyMs.corrected.p95),
    row('p99', 'ms', ({ latencyMs }) => latencyMs.corrected.p99),
    row('max', 'ms', ({ latencyMs }) => latencyMs.corrected.max),
    row('raw p99', 'ms', ({ latencyMs }) => latencyMs.raw.p99),
    row('offered a second', 'perSecond', ({ perSecond }) => perSecond.offered),
    row('ok a second', 'perSecond', ({ perSecond }) => perSecond.ok),
    row('texts a second', 'perSecond', ({ perSecond }) => perSecond.tasks),
    row('drained after', 'ms', ({ drainMs }) => drainMs),
  ];
}

function shareOf({ requests }: Summary, number: number): number | null {
  return requests.judged === 0 ? null : number / requests.judged;
}

export function printComparison(before: Summary, after: Summary, width: number): readonly string[] {
  const rows = differences(before, after).map(({ name, unit, before: first, after: second, ratio }) => [
    name,
    show(first, unit),
    show(second, unit),
    change(first, second, unit),
    ratio === null ? '–' : `${ratio.toFixed(2)}×`,
  ]);
  const table = columns(
    [['', 'before', 'after', 'difference', 'ratio'], ...rows],
    ['left', 'right', 'right', 'right', 'right'],
  );
  return [...table, ...warnings(before, after).flatMap((line) => wrapText(line, width))];
}

function show(value: number | null, unit: Difference['unit']): string {
  if (value === null) return '–';
  switch (unit) {
    case 'ms':
      return showMs(value);
    case 'perSecond':
      return `${value.toFixed(1)}/s`;
    case 'share':
      return showShare(value);
    case 'count':
      return String(value);
  }
}

function change(before: number | null, after: number | null, unit: Difference['unit']): string {
  if (before === null || after === null) return '–';
  const difference = after - before;
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '±';
  return sign + show(Math.abs(difference), unit);
}

/** Runs that were asked different things differ for that reason too. */
function warnings(before: Summary, after: Summary): readonly string[] {
  const differing = loadDifferences(before.load, after.load);
  return [
    ...(differing.length === 0 ? [] : ['', `! Not asked the same: ${differing.join(', ')}.`]),
    ...(before.stopped || after.stopped ? ['! One of them was stopped by hand.'] : []),
    ...(before.generator.lagged || after.generator.lagged ? ['! In one of them the generator lagged.'] : []),
  ];
}
