/** After the run: a few questions more, and what the books say. */
import type { TaskView } from '../../../contracts/task-view.js';
import { messageOf } from '../../../contracts/text.js';
import { takenInAtMs } from './batch-time.js';
import { lookUp } from './attempt.js';
import { findTasks, patiently, readTasks } from './books.js';
import { askAgain } from './clients.js';
import { acceptedTasks, type Answer, type Evidence } from './evidence.js';
import { recoveries, type TaskSpan } from './recovery.js';
import type { RunPorts } from './run-input.js';
import type { Stage } from './stage.js';
import { awaitSteadyState } from './steady-state.js';

const ASKED_AGAIN = 40;
const BOOKS_WITHIN_MS = 20_000;
/** For all that a coordinator holds, on a slow stack. */
const PUT_BACK_WITHIN_MS = 90_000;

export async function gatherEvidence(
  stage: Stage,
  bareModel: ReadonlyMap<string, Answer>,
  signal: AbortSignal,
): Promise<Evidence> {
  const { input, ports, clients, startedAtMs, marks, now, stopped } = stage;
  const { experiment } = input;
  const requests = clients.records;
  const tasks = acceptedTasks({ requests });
  const illAfter = await whatIsIll(stage, signal);
  const keyRepeats = await askAgain(requests, ASKED_AGAIN, {
    http: ports.http,
    now,
    waitMs: experiment.load.wait,
  });
  const known = new Set(tasks.map(({ taskId }) => taskId));
  const books = await readBooks(stage, [...known], signal);
  return {
    settings: experiment.checks,
    poison: experiment.load.poisonous?.word,
    requests,
    stored: books.stored,
    untold: books.all.filter(({ taskId }) => !known.has(taskId)),
    keyRepeats,
    bareModel,
    marks,
    recoveries: recoveries({
      marks,
      plannedAtMs: input.requests.map(({ atMs }) => atMs),
      okAtMs: stage.tally.okAtMs,
      tasks: tasks.map(({ taskId, told }): TaskSpan => ({
        acceptedAtMs: (takenInAtMs(taskId) ?? Infinity) - startedAtMs,
        finalAtMs: told?.atMs,
      })),
      loadMs: experiment.load.for,
    }),
    startedAtMs,
    stopped,
    illAfter: books.problem ?? illAfter,
  };
}

interface Books {
  readonly stored: Evidence['stored'];
  /** Of this run, told or not. */
  readonly all: readonly TaskView[];
  readonly problem?: string;
}

/** It could be read before the run: where it cannot after it, that is what the run did to it, and nothing is kept. */
async function readBooks(
  { ports, input, startedAtMs }: Stage,
  taskIds: readonly string[],
  signal: AbortSignal,
): Promise<Books> {
  const findMissing = async (): Promise<string | undefined> => {
    const stored = await readTasks(ports.store, taskIds);
    return taskIds.find((taskId) => !stored.has(taskId));
  };
  const read = async (): Promise<Books> => {
    const [stored, all] = await Promise.all([
      readTasks(ports.store, taskIds),
      findTasks(ports.store, `${input.runId}-`, startedAtMs, Date.now()),
    ]);
    return { stored, all };
  };
  try {
    await patiently(
      async () => {
        const missing = await patiently(findMissing, BOOKS_WITHIN_MS, signal);
        if (missing !== undefined) await refuseWhilePutBack(ports.http, missing);
      },
      PUT_BACK_WITHIN_MS,
      signal,
    );
    return await patiently(read, BOOKS_WITHIN_MS, signal);
  } catch (error) {
    return { stored: new Map(), all: [], problem: `DynamoDB cannot be read: ${messageOf(error)}` };
  }
}

/** After an emptying a coordinator writes back what it holds; until that is done it tells of nothing that is missing. */
async function refuseWhilePutBack(http: RunPorts['http'], missing: string): Promise<void> {
  const { status } = await lookUp(http, missing);
  if (status !== 'untold') return; // what is missing now stays so
  throw new Error(`${missing} is not there yet`);
}

const WELL_WITHIN_MS = 10_000;

async function whatIsIll({ ports, input }: Stage, signal: AbortSignal): Promise<string | undefined> {
  const { ready, workersUp } = input.experiment.steady;
  try {
    const wanted = { ready, workersUp, within: WELL_WITHIN_MS, successRate: 0 };
    await awaitSteadyState(ports.http, wanted, signal);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
