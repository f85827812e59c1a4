/** `--json` prints medians, with `min` and `max` beside them where there were several runs. */
import type { LoadShape } from './load.js';
import type { Machine } from './machine.js';
import type { BareRun } from './measure-bare.js';
import type { Rounds, SystemRun } from './rounds.js';
import { spread, sum, type Spread } from './statistics.js';

interface RowFigures {
  readonly tasksPerSecond: number;
  /** A share of the bare model's throughput. */
  readonly share: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all processes of the system, without the load generator; `null` where it cannot be told. */
  readonly cpuMsPerTask: number | null;
}

interface BareFigures {
  readonly bareTextsPerSecond: number;
  readonly bareCpuMsPerText: number;
  /** How many cores the system kept busy meanwhile, having nothing to do; `null` where it cannot be told. */
  readonly idleSystemCores: number | null;
}

interface Range<Figures> {
  readonly min?: Figures;
  readonly max?: Figures;
}

type WithRange<Figures> = Figures & Range<Figures>;

export type ReportRow = LoadShape & {
  readonly system: string;
  /** Texts that got no answer or a wrong one, in all runs together. */
  readonly errors: number;
} & WithRange<RowFigures>;

export type Report = {
  readonly machine: Machine;
  /** How many cores other programs kept busy; `null` where it cannot be told. */
  readonly bystanderCores: number | null;
  readonly rows: readonly ReportRow[];
} & WithRange<BareFigures>;

export function createReport(
  machine: Machine,
  bystanderCores: number | null,
  shapes: readonly LoadShape[],
  { bareRuns, systemRuns }: Rounds,
): Report {
  return {
    machine,
    ...withRange(bareRuns, bareFigures),
    bystanderCores,
    rows: shapes.map((shape) => createRow(shape, runsOf(shape, systemRuns))),
  };
}

function createRow({ clients, textsPerRequest }: LoadShape, runs: readonly SystemRun[]): ReportRow {
  return {
    system: 'boomerang',
    clients,
    textsPerRequest,
    ...withRange(runs, rowFigures),
    errors: sum(runs.map(({ errors }) => errors.count)),
  };
}

function runsOf(shape: LoadShape, runs: readonly SystemRun[]): readonly SystemRun[] {
  return runs.filter((run) => run.shape === shape);
}

/** Takes one figure out of the spread of each. */
type Choice = (spread: Spread) => number;

function withRange<Run, Figures>(
  runs: readonly Run[],
  figuresOf: (runs: readonly Run[], choose: Choice) => Figures,
): WithRange<Figures> {
  const range: Range<Figures> =
    runs.length < 2 ? {} : { min: figuresOf(runs, ({ min }) => min), max: figuresOf(runs, ({ max }) => max) };
  return { ...figuresOf(runs, ({ median }) => median), ...range };
}

function bareFigures(runs: readonly BareRun[], choose: Choice): BareFigures {
  return {
    bareTextsPerSecond: choose(spread(runs.map(({ textsPerSecond }) => textsPerSecond))),
    bareCpuMsPerText: choose(spread(runs.map(({ cpuMsPerText }) => cpuMsPerText))),
    idleSystemCores: orNull(
      choose,
      runs.map(({ idleSystemCores }) => idleSystemCores),
    ),
  };
}

function rowFigures(runs: readonly SystemRun[], choose: Choice): RowFigures {
  return {
    tasksPerSecond: choose(spread(runs.map(({ tasksPerSecond }) => tasksPerSecond))),
    share: choose(spread(runs.map(({ share }) => share))),
    p50Ms: choose(spread(runs.map(({ p50Ms }) => p50Ms))),
    p99Ms: choose(spread(runs.map(({ p99Ms }) => p99Ms))),
    cpuMsPerTask: orNull(
      choose,
      runs.map(({ cpuMsPerTask }) => cpuMsPerTask),
    ),
  };
}

function orNull(choose: Choice, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : choose(spread(known));
}
