/** One request from its sending to its end: what was accepted is followed, so that a slow task is not called lost. */
import { isTerminalStatus } from '../../contracts/batch/task-status.js';
import type { SeenTask } from '../kit/load/infer.js';
import type { CoordinatorClient } from './coordinator-client.js';
import { requestOutcome, taskOutcome, type Outcome } from './outcome.js';
import type { RequestRecord, TaskRecord } from './record.js';
import type { TimeLimits } from './time-limit.js';

export interface RequestOptions {
  readonly coordinator: CoordinatorClient;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** How long a task that was accepted is asked for before it counts as lost; 0: not at all. */
  readonly followMs: number;
  readonly deadlineMs: number | undefined;
  readonly keyed: boolean;
  readonly async: boolean;
  readonly check: boolean;
  /** Milliseconds since the start of the load. */
  readonly now: () => number;
  /** Everything is given up when they are stopped. */
  readonly limits: TimeLimits;
}

const MIN_POLL_PAUSE_MS = 50;
/** The pause between polls, as a share of the time waited so far: a long wait needs less precision. */
const POLL_PAUSE_SHARE = 0.2;
const MAX_POLL_PAUSE_MS = 2000;
/** A look at a task is quick or worthless. */
const POLL_TIMEOUT_MS = 5000;
/** The coordinator responds with 202 this long before the client's time limit. */
const MARGIN_SECONDS = 1;
/** The coordinator's own. */
const MAX_WAIT_SECONDS = 30;

export async function runRequest(record: RequestRecord, options: RequestOptions): Promise<void> {
  const { coordinator, timeoutMs, now, limits } = options;
  record.sentAtMs = now();
  const call = {
    requestId: record.requestId,
    texts: record.texts.map(({ text }) => text),
    deadlineMs: options.deadlineMs,
    keyed: options.keyed,
    async: options.async,
    waitSeconds: waitSeconds(timeoutMs),
  };
  const reply = await limits.run(timeoutMs, (signal) => coordinator.infer(call, signal));
  if (reply.kind !== 'tasks') {
    record.problem = reply.problem;
    endRecord(record, reply.kind, now());
    return;
  }
  record.acceptedAtMs = now();
  const finals = await pollUntilFinal(reply.tasks, options);
  const endedAtMs = now();
  record.tasks = await Promise.all(finals.map((task, index) => finishTask(task, record, index, options)));
  const error = record.tasks.find((task) => task.error !== undefined && task.outcome === 'failed')?.error;
  if (error !== undefined) record.problem = `${error.code}: ${error.message}`;
  endRecord(record, requestOutcome(record.tasks.map(({ outcome }) => outcome)), endedAtMs);
}

function endRecord(record: RequestRecord, outcome: Outcome, atMs: number): void {
  record.outcome = outcome;
  record.endedAtMs = atMs;
}

function waitSeconds(timeoutMs: number): number | undefined {
  const seconds = Math.floor(timeoutMs / 1000) - MARGIN_SECONDS;
  return seconds >= 1 && seconds < MAX_WAIT_SECONDS ? seconds : undefined;
}

/**
 * Asks until all are final or their time is up. Tasks of one request mostly end together: so only the first open one is
 * asked for, and the others when it is final. A crowd that asks for everything at once would be a load of its own.
 */
async function pollUntilFinal(
  tasks: readonly SeenTask[],
  options: RequestOptions,
): Promise<readonly SeenTask[]> {
  const { coordinator, followMs, now, limits } = options;
  const acceptedAtMs = now();
  const latest = [...tasks];
  const openOnes = (): readonly number[] => [...latest.keys()].filter((index) => isOpen(latest[index]));
  const isOver = (): boolean => limits.stopped || now() - acceptedAtMs >= followMs;
  const lookAt = async (index: number): Promise<void> => {
    const task = latest[index];
    if (task !== undefined) latest[index] = (await pollTask(coordinator, task.taskId, limits)) ?? task;
  };
  for (let [first] = openOnes(); first !== undefined && !isOver(); [first] = openOnes()) {
    const waitedMs = now() - acceptedAtMs;
    const pauseMs = Math.min(MAX_POLL_PAUSE_MS, Math.max(MIN_POLL_PAUSE_MS, POLL_PAUSE_SHARE * waitedMs));
    await limits.wait(Math.min(pauseMs, followMs - waitedMs));
    if (limits.stopped) break;
    await lookAt(first);
    if (!isOpen(latest[first])) await Promise.all(openOnes().map(lookAt));
  }
  return latest;
}

/** A receipt (202) names a final state without its answer. */
function isOpen(task: SeenTask | undefined): boolean {
  if (task === undefined) return false;
  return !isTerminalStatus(task.status) || (task.status === 'succeeded' && task.label === undefined);
}

function pollTask(
  coordinator: CoordinatorClient,
  taskId: string,
  limits: TimeLimits,
): Promise<SeenTask | undefined> {
  return limits.run(POLL_TIMEOUT_MS, (signal) => coordinator.task(taskId, signal));
}

async function finishTask(
  seen: SeenTask,
  { texts }: RequestRecord,
  index: number,
  { coordinator, followMs, check, limits }: RequestOptions,
): Promise<TaskRecord> {
  // The problem document of one failed text does not tell how often it was delivered.
  const whole =
    seen.status === 'failed' && seen.deliveries === undefined
      ? await pollTask(coordinator, seen.taskId, limits)
      : undefined;
  const task = { ...seen, ...whole };
  const expected = check ? texts[index]?.expected : undefined;
  const notFinal = limits.stopped ? 'stopped' : followMs > 0 ? 'lost' : 'unfinished';
  return { ...task, outcome: taskOutcome({ ...task, expected }, notFinal) };
}
