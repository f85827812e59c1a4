/** The costs as Markdown. */
import type { MeteredCall } from '../../infra/aws/metering/meter-calls.js';
import { isCausedByWork, groupCalls, type CallKind } from './count.js';
import type { Load } from './measure.js';
import { perMillionTasks, perMonth, sumOf, type Prices, type Units } from './prices.js';

export interface LoadCosts extends Load {
  readonly kinds: readonly CallKind[];
  readonly units: Units;
  readonly usdPerMillionTasks: ReturnType<typeof perMillionTasks>;
}

export interface StandingCosts {
  readonly kinds: readonly (CallKind & { readonly usdAMonth: number })[];
  readonly usdAMonth: number;
}

export interface Costs {
  readonly prices: Prices;
  readonly loads: readonly LoadCosts[];
  readonly standing: StandingCosts;
  /** Units of the row that is written each second while there is work. */
  readonly statisticsUsdAMonth: number;
}

export function loadCosts(load: Load, calls: readonly MeteredCall[], prices: Prices): LoadCosts {
  const kinds = groupCalls(calls.filter(isCausedByWork), load.batches);
  const units = sumOf(kinds.map((kind) => kind.units));
  return { ...load, kinds, units, usdPerMillionTasks: perMillionTasks(units, load.tasksABatch, prices) };
}

export function standingCosts(calls: readonly MeteredCall[], seconds: number, prices: Prices): StandingCosts {
  const kinds = groupCalls(calls, seconds).map((kind) => ({
    ...kind,
    usdAMonth: perMonth(kind.units, prices),
  }));
  return { kinds, usdAMonth: kinds.reduce((sum, { usdAMonth }) => sum + usdAMonth, 0) };
}

/** One row a second, as large as those that this work made on average. */
export function statisticsCosts(calls: readonly MeteredCall[], prices: Prices): number {
  const [kind] = groupCalls(
    calls.filter(({ operation, resource }) => operation === 'PutItem' && resource === 'table stats'),
    1,
  );
  if (kind === undefined) return 0;
  return perMonth({ ...kind.units, writeUnits: kind.units.writeUnits / kind.count }, prices);
}

export function printCosts({ prices, loads, standing, statisticsUsdAMonth }: Costs): string {
  return [
    `Prices: ${prices.region}, as of ${prices.asOf}.`,
    '',
    '| tasks a batch | batches under way | SQS requests a batch | write units a batch (of them indexes) | read units | SQS, USD per million tasks | DynamoDB | together |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...loads.map(loadRow),
    '',
    '| calls of a batch | alone | busy |',
    '| --- | --- | --- |',
    ...callRows(loads),
    '',
    '| whatever the load, a second | calls | SQS requests | write units | read units | USD a month |',
    '| --- | --- | --- | --- | --- | --- |',
    ...standing.kinds.map(
      ({ call, count, units, usdAMonth }) =>
        `| ${call} | ${figure(count)} | ${figure(units.sqsRequests)} | ${figure(units.writeUnits)} | ${figure(units.readUnits)} | ${usd(usdAMonth)} |`,
    ),
    `| together | | | | | ${usd(standing.usdAMonth)} |`,
    `| statistics, a row each second in which there is work | | | | | ${usd(statisticsUsdAMonth)} |`,
  ].join('\n');
}

function loadRow({ tasksABatch, clients, kinds, units, usdPerMillionTasks }: LoadCosts): string {
  const ofIndexes = kinds.reduce((sum, { indexWriteUnits }) => sum + indexWriteUnits, 0);
  const { sqs, dynamodb, total } = usdPerMillionTasks;
  return `| ${tasksABatch} | ${clients} | ${figure(units.sqsRequests)} | ${figure(units.writeUnits)} (${figure(ofIndexes)}) | ${figure(units.readUnits)} | ${usd(sqs)} | ${usd(dynamodb)} | ${usd(total)} |`;
}

/** Calls of the smallest batches: larger ones make the same calls. */
function callRows(loads: readonly LoadCosts[]): readonly string[] {
  const smallest = loads.filter(({ tasksABatch }) => tasksABatch === loads[0]?.tasksABatch);
  const calls = [...new Set(smallest.flatMap(({ kinds }) => kinds.map(({ call }) => call)))];
  const countIn = (load: LoadCosts, call: string) =>
    figure(load.kinds.find((kind) => kind.call === call)?.count ?? 0);
  return calls.map((call) => `| ${[call, ...smallest.map((load) => countIn(load, call))].join(' | ')} |`);
}

const figure = (value: number): string => String(Number(value.toFixed(2)));
const usd = (value: number): string => value.toFixed(value < 0.1 ? 3 : 2);
