/** From the records of a run to its figures. */
import { isTerminalStatus } from '../../contracts/batch/task-status.js';
import type { Span } from '../kit/load/arrivals.js';
import { percentile } from '../kit/numbers/percentile.js';
import { gateFigures } from './gate-figures.js';
import { judge } from './gates.js';
import { Latencies, latencyBars, roundToTenth } from './latencies.js';
import { hasLatency, isError, isGood, isJudged } from './outcome.js';
import { correctedMs, hasEnded, type EndedRecord, type TaskRecord } from './record.js';
import type { FinishedLoad } from './run-load.js';
import type { BurstSettings } from './settings.js';
import { SUMMARY_KIND, type Summary } from './summary-schema.js';

export interface SummaryInput {
  readonly load: FinishedLoad;
  readonly settings: BurstSettings;
  readonly textsFrom: string;
  readonly startedAt: Date;
}

export function summarize({ load, settings, textsFrom, startedAt }: SummaryInput): Summary {
  const { plan, tally, loadMs, elapsedMs, stopped, lag } = load;
  const ended = load.records.filter(hasEnded);
  const judged = ended.filter(({ outcome }) => isJudged(outcome));
  const tasks = ended.flatMap((record) => record.tasks);
  const summary: Omit<Summary, 'gates'> = {
    kind: SUMMARY_KIND,
    version: 1,
    startedAt: startedAt.toISOString(),
    url: settings.url,
    load: describeLoad(load, settings, textsFrom),
    stopped,
    loadMs: roundToTenth(loadMs),
    elapsedMs: roundToTenth(elapsedMs),
    drainMs: roundToTenth(Math.max(0, elapsedMs - loadMs)),
    requests: {
      planned: plan.kind === 'paced' ? plan.requests.length : null,
      sent: tally.sent,
      dropped: tally.outcomes.dropped,
      judged: judged.length,
    },
    outcomes: { ...tally.outcomes },
    errors: judged.filter(({ outcome }) => isError(outcome)).length,
    tasks: {
      accepted: tasks.length,
      succeeded: tasks.filter(({ status }) => status === 'succeeded').length,
      lost: tasks.filter(({ outcome }) => outcome === 'lost').length,
    },
    latencyMs: {
      corrected: tally.corrected.figures(),
      raw: tally.raw.figures(),
      accepted: acceptance(ended).figures(),
    },
    perSecond: rates(load, ended),
    bursts: burstsOf(load).map((span) => burst(span, ended)),
    retries: retries(tasks),
    workers: workers(ended),
    histogram: [...latencyBars(timed(ended).map(correctedMs))],
    seconds: [...tally.seconds(Math.max(loadMs, elapsedMs))],
    problems: problems(ended),
    generator: lag,
  };
  return { ...summary, gates: [...judge(settings.failIf, gateFigures(summary))] };
}

function describeLoad({ plan }: FinishedLoad, settings: BurstSettings, textsFrom: string): Summary['load'] {
  const arrivals = plan.kind === 'paced' ? plan.arrivals : undefined;
  const clients = plan.clients ?? null;
  return {
    loop: clients === null ? 'open' : 'closed',
    clients,
    arrivals: arrivals?.kind ?? null,
    ratePerSecond: arrivals?.ratePerSecond ?? null,
    peakPerSecond:
      arrivals !== undefined && 'peakPerSecond' in arrivals
        ? arrivals.peakPerSecond
        : arrivals?.kind === 'ramp'
          ? arrivals.endPerSecond
          : null,
    seed: settings.seed,
    textsPerRequest: settings.texts,
    textsFrom,
    keys: settings.keys,
    async: settings.async,
    checked: settings.check,
    deadlineMs: settings.deadline ?? null,
    timeoutMs: settings.timeout,
    followMs: settings.follow,
  };
}

function timed(ended: readonly EndedRecord[]): readonly EndedRecord[] {
  return ended.filter(({ outcome }) => hasLatency(outcome));
}

/** How long until the client held its tasks' ids; for those that waited it is the answer itself. */
function acceptance(ended: readonly EndedRecord[]): Latencies {
  const latencies = new Latencies();
  for (const { acceptedAtMs, plannedAtMs } of ended) {
    if (acceptedAtMs !== undefined) latencies.record(Math.max(0, acceptedAtMs - plannedAtMs));
  }
  return latencies;
}

const SHORT_LOAD_MS = 1000;

/** While the load lasted: what came in after it would dilute them. Of a very short load, over all of it. */
function rates(
  { tally, loadMs, elapsedMs }: FinishedLoad,
  ended: readonly EndedRecord[],
): Summary['perSecond'] {
  const windowMs = Math.max(1, loadMs < SHORT_LOAD_MS ? elapsedMs : loadMs);
  const perSecond = (count: number): number => roundToTenth((count / windowMs) * 1000);
  const good = ended.filter(({ outcome, endedAtMs }) => isGood(outcome) && endedAtMs <= windowMs);
  const offered = tally.seconds(loadMs).reduce((total, second) => total + second.offered, 0);
  return {
    offered: perSecond(offered),
    sent: perSecond(tally.sent),
    ok: perSecond(good.length),
    tasks: perSecond(good.reduce((total, { tasks }) => total + tasks.length, 0)),
  };
}

/** Those that came about before the load was stopped. */
function burstsOf({ plan, loadMs }: FinishedLoad): readonly Span[] {
  return plan.kind === 'paced' ? plan.peaks.filter(({ fromMs }) => fromMs < loadMs) : [];
}

function burst({ fromMs, toMs }: Span, ended: readonly EndedRecord[]): Summary['bursts'][number] {
  const own = ended.filter(({ plannedAtMs }) => plannedAtMs >= fromMs && plannedAtMs < toMs);
  const latencies = new Latencies();
  for (const record of timed(own)) latencies.record(correctedMs(record));
  const lastMs = own.reduce((last, { endedAtMs }) => Math.max(last, endedAtMs), toMs);
  const isWhole = own.length > 0 && own.every(({ outcome }) => isJudged(outcome));
  return {
    fromMs: roundToTenth(fromMs),
    toMs: roundToTenth(toMs),
    requests: own.length,
    ok: own.filter(({ outcome }) => isGood(outcome)).length,
    errors: own.filter(({ outcome }) => isError(outcome)).length,
    p50Ms: latencies.percentile(50),
    p99Ms: latencies.percentile(99),
    drainMs: isWhole ? roundToTenth(lastMs - toMs) : null,
  };
}

function retries(tasks: readonly TaskRecord[]): Summary['retries'] {
  const counts = new Map<number, number>();
  for (const { deliveries } of tasks.filter(({ status }) => isTerminalStatus(status))) {
    if (deliveries === undefined || deliveries < 1) continue;
    counts.set(deliveries - 1, (counts.get(deliveries - 1) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([number, count]) => ({ retries: number, tasks: count }));
}

function workers(ended: readonly EndedRecord[]): Summary['workers'] {
  const latencies = new Map<string, number[]>();
  for (const record of ended) {
    for (const { workerId, status } of record.tasks) {
      if (workerId === undefined || status !== 'succeeded') continue;
      const own = latencies.get(workerId);
      if (own === undefined) latencies.set(workerId, [correctedMs(record)]);
      else own.push(correctedMs(record));
    }
  }
  const total = [...latencies.values()].reduce((sum, own) => sum + own.length, 0);
  return [...latencies]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([workerId, own]) => ({
      workerId,
      tasks: own.length,
      share: own.length / total,
      p50Ms: roundToTenth(percentile(own, 0.5) ?? 0),
    }));
}

const MAX_PROBLEMS = 10;

/** The same words count together, whatever their numbers; the first stands for all. */
function problems(ended: readonly EndedRecord[]): Summary['problems'] {
  const kinds = new Map<string, { readonly problem: string; requests: number }>();
  for (const { problem } of ended.filter(({ outcome }) => isError(outcome))) {
    if (problem === undefined) continue;
    const words = problem.replaceAll(/\d+/g, '#');
    const kind = kinds.get(words) ?? { problem, requests: 0 };
    kind.requests += 1;
    kinds.set(words, kind);
  }
  return [...kinds.values()].toSorted((a, b) => b.requests - a.requests).slice(0, MAX_PROBLEMS);
}
