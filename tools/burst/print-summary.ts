/** A run's figures for people. */
import { isAnswer, isError, OUTCOME_NAMES, OUTCOMES } from './outcome.js';
import type { Paint } from './paint.js';
import type { Summary } from './summary-schema.js';
import { wrapText } from '../../infra/cli/wrap-text.js';
import { bar, columns, count, showMs, showSeconds, showShare } from './format.js';

export function printSummary(summary: Summary, paint: Paint, width: number): readonly string[] {
  const wrapped = (line: string): readonly string[] => wrapText(line, width);
  const sections = [
    headline(summary)
      .flatMap(wrapped)
      .map((line, index) => (index === 0 ? paint.bold(line) : line)),
    outcomes(summary, paint),
    latency(summary),
    wrapped(throughput(summary)),
    bursts(summary),
    retries(summary),
    workers(summary),
    histogram(summary),
    problems(summary).flatMap(wrapped),
    warnings(summary)
      .flatMap(wrapped)
      .map((line) => paint.warn(line)),
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines]);
}

function headline({ load, requests, loadMs, elapsedMs, stopped, url }: Summary): readonly string[] {
  const { loop, clients, arrivals, ratePerSecond, peakPerSecond, textsPerRequest, seed } = load;
  const rate =
    ratePerSecond === null
      ? ''
      : `, ${arrivals ?? ''} ${ratePerSecond}/s${peakPerSecond === null ? '' : ` to ${peakPerSecond}/s`}, seed ${seed}`;
  const shape = loop === 'open' ? `open loop${rate}` : `closed loop, ${count(clients ?? 0, 'client')}${rate}`;
  const texts = textsPerRequest === 1 ? '' : ` of ${textsPerRequest} texts`;
  const end = stopped ? `stopped by hand after ${showSeconds(loadMs)}` : `in ${showSeconds(loadMs)}`;
  const last = elapsedMs > loadMs ? `, the last ended after ${showSeconds(elapsedMs)}` : '';
  return [`${count(requests.sent, 'request')}${texts} ${end}${last}`, `to ${url}, ${shape}`];
}

function outcomes({ outcomes: counts, requests }: Summary, paint: Paint): readonly string[] {
  const names = OUTCOME_NAMES.filter((name) => name === 'ok' || counts[name] > 0);
  const total = requests.sent + requests.dropped;
  const lines = columns(
    names.map((name) => [
      OUTCOMES[name],
      String(counts[name]),
      total === 0 ? '' : showShare(counts[name] / total),
    ]),
    ['left', 'right', 'right'],
  );
  return lines.map((line, index) => {
    const name = names[index] ?? 'ok';
    const painted = isError(name) ? paint.bad(line) : name === 'retried' ? paint.warn(line) : line;
    return `  ${painted}`;
  });
}

function latency({ latencyMs, load }: Summary): readonly string[] {
  const { corrected, raw, accepted } = latencyMs;
  if (corrected.count === 0 && accepted.count === 0) return [];
  const row = (name: string, figures: Summary['latencyMs']['raw']) => {
    const { p50, p90, p95, p99, max } = figures;
    return figures.count === 0 ? [] : [[`  ${name}`, ...[p50, p90, p95, p99, max].map(showMs)]];
  };
  return columns(
    [
      ['latency', 'p50', 'p90', 'p95', 'p99', 'max'],
      ...row('from the planned time', corrected),
      ...row('raw, from the sending', raw),
      ...(load.async ? row('until accepted', accepted) : []),
    ],
    ['left', 'right', 'right', 'right', 'right', 'right'],
  );
}

function throughput({ perSecond, load, drainMs }: Summary): string {
  const tasks = load.textsPerRequest === 1 ? '' : ` (${perSecond.tasks} texts/s)`;
  const drain = drainMs > 0 ? `; drained ${showSeconds(drainMs)} after the load` : '';
  return `throughput  ${perSecond.offered}/s offered, ${perSecond.sent}/s sent, ${perSecond.ok}/s ok${tasks}${drain}`;
}

function bursts({ bursts: rows }: Summary): readonly string[] {
  if (rows.length === 0) return [];
  return columns(
    [
      ['bursts', 'until', 'requests', 'ok', 'errors', 'p50', 'p99', 'drained after'],
      ...rows.map((row) => [
        `  at ${showSeconds(row.fromMs)}`,
        showSeconds(row.toMs),
        String(row.requests),
        String(row.ok),
        String(row.errors),
        showMs(row.p50Ms),
        showMs(row.p99Ms),
        showMs(row.drainMs),
      ]),
    ],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
}

const BAR_WIDTH = 36;

function retries({ retries: rows }: Summary): readonly string[] {
  return barChart(
    'retries (deliveries beyond the first)',
    rows.map((row) => [String(row.retries), row.tasks]),
  );
}

function workers({ workers: rows }: Summary): readonly string[] {
  if (rows.length === 0) return [];
  return [
    'workers',
    ...columns(
      rows.map(({ workerId, tasks, share, p50Ms }) => [
        `  ${workerId}`,
        String(tasks),
        showShare(share),
        `p50 ${showMs(p50Ms)}`,
        bar(share, BAR_WIDTH),
      ]),
      ['left', 'right', 'right', 'right', 'left'],
    ),
  ];
}

/** Where nobody was answered it would show how long clients are patient. */
function histogram({ histogram: bars, outcomes }: Summary): readonly string[] {
  if (!OUTCOME_NAMES.some((name) => isAnswer(name) && outcomes[name] > 0)) return [];
  return barChart(
    'latency, requests',
    bars.map(({ fromMs, toMs, count: requests }) => [edges(fromMs, toMs), requests]),
  );
}

function edges(fromMs: number, toMs: number): string {
  const isSeconds = toMs > 1000;
  return isSeconds ? `${fromMs / 1000}–${toMs / 1000} s` : `${fromMs}–${toMs} ms`;
}

function barChart(title: string, rows: readonly (readonly [string, number])[]): readonly string[] {
  if (rows.length === 0) return [];
  const most = Math.max(...rows.map(([, number]) => number));
  const lines = columns(
    rows.map(([name, number]) => [name, String(number), bar(number / most, BAR_WIDTH)]),
    ['right', 'right', 'left'],
  );
  return [title, ...lines.map((line) => `  ${line}`)];
}

function problems({ problems: rows }: Summary): readonly string[] {
  if (rows.length === 0) return [];
  return ['what was wrong', ...rows.map(({ problem, requests }) => `  ${requests}× ${problem}`)];
}

function warnings({ generator, requests, load }: Summary): readonly string[] {
  const { lagged, lateP99Ms, lateMaxMs, eventLoopP99Ms } = generator;
  const late = lateP99Ms === null ? '' : `sent p99 ${showMs(lateP99Ms)}, at most ${showMs(lateMaxMs)} late, `;
  return [
    ...(lagged
      ? [
          `! This generator lagged: ${late}its event loop p99 ${showMs(eventLoopP99Ms)} late. Lower the rate, or run it elsewhere.`,
        ]
      : []),
    ...(requests.dropped > 0
      ? [`! ${requests.dropped} were not sent: more would have been under way than --in-flight lets.`]
      : []),
    ...(load.loop === 'closed' && load.ratePerSecond === null
      ? ['A closed loop asks a slow system for less: what nobody asked has no latency.']
      : []),
  ];
}

export function printGates({ gates }: Summary, paint: Paint): readonly string[] {
  const lines = gates.map(({ gate, held, shown }) =>
    held ? paint.good(`✓ held    ${gate}: ${shown}`) : paint.bad(`✗ broken  ${gate}: ${shown}`),
  );
  return lines.length === 0 ? [] : ['', ...lines];
}
