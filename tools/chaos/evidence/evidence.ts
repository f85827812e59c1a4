/** The evidence of a run, and the result of each accepted task. */
import { isTerminalStatus } from '../../../contracts/batch/task-status.js';
import type { TaskView } from '../../../contracts/http/answers.js';
import { acceptedAtMsOf } from './batch-time.js';
import type { KeyRepeat } from '../load/clients.js';
import type { RequestRecord, TaskRecord } from '../load/records.js';
import type { Recovery } from './recovery.js';
import type { CheckSettings } from '../definition/schema.js';
import { endsProcess, type Mark } from '../timeline/timeline.js';

export interface Answer {
  readonly label: string;
  readonly score: number;
}

export interface Evidence {
  readonly settings: CheckSettings;
  /** The word that makes a text poisonous. */
  readonly poison: string | undefined;
  readonly requests: readonly RequestRecord[];
  /** The accepted tasks that DynamoDB holds at the end. */
  readonly stored: ReadonlyMap<string, TaskView>;
  /** Tasks of this run that DynamoDB holds and no client was told of: of requests that broke off. */
  readonly unreported: readonly TaskView[];
  readonly keyRepeats: readonly KeyRepeat[];
  /** The answer of the bare model to each text. */
  readonly bareModel: ReadonlyMap<string, Answer>;
  readonly marks: readonly Mark[];
  readonly recoveries: readonly Recovery[];
  /** Epoch milliseconds of the start of the load. */
  readonly startedAtMs: number;
  /** Why it was stopped before its end. */
  readonly stopped: string | undefined;
  /** The problem that remained after the system was healed and drained. */
  readonly healthProblem: string | undefined;
}

export function acceptedTasks({ requests }: Pick<Evidence, 'requests'>): readonly TaskRecord[] {
  return requests.flatMap(({ tasks }) => tasks);
}

/**
 * `open`: not final yet; `gone`: the stack was emptied when the coordinator that had accepted it was dead and the next one
 * had not read it yet, so nobody could keep it; `lost`: nothing is left of it, and nothing excuses that.
 */
export type TaskResult = 'succeeded' | 'failed' | 'expired' | 'cancelled' | 'open' | 'gone' | 'lost';

export function taskResultOf(
  task: TaskRecord,
  evidence: Pick<Evidence, 'stored' | 'marks' | 'startedAtMs'>,
): TaskResult {
  const view = evidence.stored.get(task.taskId);
  if (view === undefined) return wasLossUnavoidable(task, evidence) ? 'gone' : 'lost';
  if (!isTerminalStatus(view.status)) return 'open';
  return view.status === 'queued' || view.status === 'running' ? 'open' : view.status;
}

export type TaskResultCounts = Readonly<Record<TaskResult, number>>;

export function countTaskResults(evidence: Evidence): TaskResultCounts {
  const counts = { succeeded: 0, failed: 0, expired: 0, cancelled: 0, open: 0, gone: 0, lost: 0 };
  for (const task of acceptedTasks(evidence)) counts[taskResultOf(task, evidence)] += 1;
  return counts;
}

/** Signals, and clocks that are read a moment later: no coordinator is back so soon after it died. */
const GRACE_MS = 250;
/** From the end of what was done to a coordinator until the next one is up and has read what it finds in the tables. */
const RECOVERED_WITHIN_MS = 10_000;

function wasLossUnavoidable(
  { taskId }: TaskRecord,
  { marks, startedAtMs }: Pick<Evidence, 'marks' | 'startedAtMs'>,
): boolean {
  const acceptedAtMs = (acceptedAtMsOf(taskId) ?? Infinity) - startedAtMs;
  const deaths = marks.filter(endsCoordinator).map((mark) => ({
    diedAtMs: (mark.doneAtMs ?? mark.atMs) + GRACE_MS,
    inheritedAtMs: (mark.overAtMs ?? Infinity) + RECOVERED_WITHIN_MS,
  }));
  // Nothing can be written back before the stack is there again.
  const emptyings = marks
    .filter(({ emptiesStack }) => emptiesStack)
    .map((mark) => ({
      atMs: mark.atMs,
      backAtMs: (mark.overAtMs ?? mark.doneAtMs ?? mark.atMs) + GRACE_MS,
    }));
  return deaths.some(
    ({ diedAtMs, inheritedAtMs }) =>
      acceptedAtMs <= diedAtMs &&
      emptyings.some(({ atMs, backAtMs }) => diedAtMs <= backAtMs && atMs <= inheritedAtMs),
  );
}

function endsCoordinator({ action, targets }: Mark): boolean {
  return endsProcess(action) && targets.includes('coordinator');
}
