/** Everything of a run, in JSON: what was planned, done, told, found. The report is made from it alone. */
import type { CheckResult } from '../checks/check.js';
import type { Figures } from '../checks/figures.js';
import type { RequestRecord } from '../load/records.js';
import type { Recovery } from '../evidence/recovery.js';
import type { RunInput } from './run-input.js';
import type { RunResult } from './run.js';
import type { Experiment } from '../definition/schema.js';
import type { Second } from '../evidence/tally.js';
import type { Mark } from '../timeline/timeline.js';
import { verdictOf, type Verdict } from '../checks/verdict.js';

export interface Journal {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  readonly verdict: Verdict;
  /** The start of the run's preparation, ISO-8601. */
  readonly startedAt: string;
  readonly runId: string;
  readonly experiment: Experiment;
  /** Times in it count from the start of the load. */
  readonly findings?: Findings;
}

export interface Findings {
  readonly figures: Figures;
  readonly checks: readonly CheckResult[];
  readonly recoveries: readonly Recovery[];
  readonly marks: readonly Mark[];
  readonly healed: readonly string[];
  readonly seconds: readonly Second[];
  readonly requests: readonly RequestRecord[];
  /** Ids of tasks that no client was told of. */
  readonly untold: readonly string[];
}

export function journalOf(
  { experiment, runId }: Pick<RunInput, 'experiment' | 'runId'>,
  startedAt: Date,
  result: RunResult | Error,
): Journal {
  const { name, description } = experiment;
  const common = {
    version: 1,
    name,
    description,
    startedAt: startedAt.toISOString(),
    runId,
    experiment,
  } as const;
  if (result instanceof Error)
    return { ...common, verdict: { outcome: 'could not run', reason: result.message } };
  const { figures, checks, healed, seconds, evidence } = result;
  return {
    ...common,
    verdict: verdictOf(checks),
    findings: {
      figures,
      checks,
      recoveries: evidence.recoveries,
      marks: evidence.marks,
      healed,
      seconds,
      requests: evidence.requests,
      untold: evidence.unreported.map(({ taskId }) => taskId),
    },
  };
}

/** A time with more digits than microseconds tells nothing. */
export function printJournal(journal: Journal): string {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) && Math.abs(value) >= 1
      ? Math.round(value * 1000) / 1000
      : value;
  return `${JSON.stringify(journal, rounded)}\n`;
}
