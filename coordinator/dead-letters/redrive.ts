/**
 * `POST /dead-letters/redrive`: all dead-lettered tasks, a bounded number at a time, or those that are named. Admission
 * has its say: what it refuses is left for later, and the answer says so.
 */
import { MAX_REDRIVEN, type RedriveRequest } from '../../contracts/http/api.js';
import type { BoomerangError } from '../../contracts/errors/errors.js';
import { parseTaskId, taskIdOf, type BatchId, type TaskId } from '../../contracts/batch/ids.js';
import type { InferOptions, InferPorts } from '../intake/infer.js';
import { listTasks } from '../tasks/list-tasks.js';
import { redriveBatch, type BatchRedrive, type Redriven, type Skipped } from './redrive-batch.js';

export interface RedriveAnswer {
  readonly redriven: readonly Redriven[];
  readonly skipped: readonly Skipped[];
  /** Some were left for later. */
  readonly more: boolean;
  /** Where to go on; from the start where it is absent. */
  readonly cursor?: string;
  /** Set where admission refused some. */
  readonly retryAfterSeconds?: number;
}

const BATCHES_AT_ONCE = 16;
const PAGE = 200;
/** Bounds one answer, those that were skipped included. */
const MAX_EXAMINED = 5 * MAX_REDRIVEN;

/** @throws BoomerangError `overloaded` where admission let none in; StackUnavailableError */
export async function redrive(
  ports: InferPorts,
  options: InferOptions,
  { taskIds, cursor }: RedriveRequest,
  requestId: string,
  stopping: AbortSignal,
): Promise<RedriveAnswer> {
  const work = { ports, options, requestId, stopping };
  const answer = taskIds === undefined ? await redriveAll(work, cursor) : await redriveTasks(work, taskIds);
  const { overload, ...said } = answer;
  if (overload !== undefined && said.redriven.length === 0) throw overload;
  ports.logger.info(
    { requestId, redriven: said.redriven.length, skipped: said.skipped.length },
    'dead_letters.redriven',
  );
  return overload === undefined
    ? said
    : { ...said, retryAfterSeconds: overload.details.retryAfterSeconds ?? 1 };
}

interface Work {
  readonly ports: InferPorts;
  readonly options: InferOptions;
  readonly requestId: string;
  readonly stopping: AbortSignal;
}

interface Outcome {
  readonly redriven: Redriven[];
  readonly skipped: Skipped[];
  more: boolean;
  cursor?: string;
  overload?: BoomerangError;
}

async function redriveAll(work: Work, from: string | undefined): Promise<Outcome> {
  const outcome: Outcome = { redriven: [], skipped: [], more: false };
  const { ports, options, stopping } = work;
  let cursor = from;
  for (;;) {
    const limit = Math.min(PAGE, MAX_REDRIVEN - outcome.redriven.length);
    const isEnough = limit <= 0 || outcome.redriven.length + outcome.skipped.length >= MAX_EXAMINED;
    if (isEnough || stopping.aborted) return leftAt(outcome, cursor);
    const query = { status: 'dead-lettered', limit, cursor } as const;
    const page = await listTasks(ports, query, options.timeouts.retentionMs);
    await redriveGroups(work, groupByBatch(page.tasks.map(({ taskId }) => taskId)), outcome);
    // This page holds what admission refused: going on begins with it.
    if (outcome.overload !== undefined) return leftAt(withoutRefused(outcome), cursor);
    if (page.cursor === undefined) return outcome;
    cursor = page.cursor;
  }
}

async function redriveTasks(work: Work, taskIds: readonly TaskId[]): Promise<Outcome> {
  const outcome: Outcome = { redriven: [], skipped: [], more: false };
  for (const taskId of new Set(taskIds)) {
    if (parseTaskId(taskId) === undefined) outcome.skipped.push({ taskId, reason: 'not_found' });
  }
  await redriveGroups(work, groupByBatch(taskIds), outcome);
  outcome.more = outcome.overload !== undefined;
  return outcome;
}

/** A few batches at once, so that their texts travel together; no more once admission refuses. */
async function redriveGroups(
  { ports, options, requestId }: Work,
  groups: ReadonlyMap<BatchId, ReadonlySet<number>>,
  outcome: Outcome,
): Promise<void> {
  const rest = [...groups];
  while (rest.length > 0 && outcome.overload === undefined) {
    const results = await Promise.allSettled(
      rest
        .splice(0, BATCHES_AT_ONCE)
        .map(([batchId, taskIndexes]) => redriveBatch(ports, options, batchId, [...taskIndexes], requestId)),
    );
    for (const result of results) if (result.status === 'fulfilled') add(outcome, result.value);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
  for (const [batchId, taskIndexes] of rest) {
    for (const taskIndex of taskIndexes)
      outcome.skipped.push({ taskId: taskIdOf(batchId, taskIndex), reason: 'overloaded' });
  }
}

function add(outcome: Outcome, { redriven, skipped, overload }: BatchRedrive): void {
  outcome.redriven.push(...redriven);
  outcome.skipped.push(...skipped);
  if (overload !== undefined) outcome.overload = overload;
}

function withoutRefused(outcome: Outcome): Outcome {
  return { ...outcome, skipped: outcome.skipped.filter(({ reason }) => reason !== 'overloaded') };
}

function leftAt(outcome: Outcome, cursor: string | undefined): Outcome {
  return { ...outcome, more: true, ...(cursor === undefined ? {} : { cursor }) };
}

function groupByBatch(taskIds: readonly TaskId[]): ReadonlyMap<BatchId, ReadonlySet<number>> {
  const groups = new Map<BatchId, Set<number>>();
  for (const taskId of taskIds) {
    const parsed = parseTaskId(taskId);
    if (parsed === undefined) continue;
    const taskIndexes = groups.get(parsed.batchId) ?? new Set();
    groups.set(parsed.batchId, taskIndexes.add(parsed.taskIndex));
  }
  return groups;
}
