/** After the run: a few questions more, and what the books say. */
import { messageOf } from '../../../contracts/text.js';
import { takenInAtMs } from './batch-time.js';
import { findTasks, patiently, readTasks } from './books.js';
import { askAgain } from './clients.js';
import { acceptedTasks, type Answer, type Evidence } from './evidence.js';
import { recoveries, type TaskSpan } from './recovery.js';
import type { Stage } from './stage.js';
import { awaitSteadyState, CannotRunError } from './steady-state.js';

const ASKED_AGAIN = 40;
const BOOKS_WITHIN_MS = 20_000;

/** @throws CannotRunError where the store does not answer */
export async function gatherEvidence(
  stage: Stage,
  bareModel: ReadonlyMap<string, Answer>,
  signal: AbortSignal,
): Promise<Evidence> {
  const { input, ports, clients, startedAtMs, marks, now, stopped } = stage;
  const { experiment, runId } = input;
  const requests = clients.records;
  const tasks = acceptedTasks({ requests });
  const illAfter = await whatIsIll(stage, signal);
  const keyRepeats = await askAgain(requests, ASKED_AGAIN, {
    http: ports.http,
    now,
    waitMs: experiment.load.wait,
  });
  const known = new Set(tasks.map(({ taskId }) => taskId));
  const [stored, all] = await patiently(
    () =>
      Promise.all([
        readTasks(ports.store, [...known]),
        findTasks(ports.store, `${runId}-`, startedAtMs, Date.now()),
      ]),
    BOOKS_WITHIN_MS,
    signal,
  ).catch((error: unknown) => {
    throw new CannotRunError(`DynamoDB cannot be read at the end: ${messageOf(error)}`);
  });
  return {
    settings: experiment.checks,
    poison: experiment.load.poisonous?.word,
    requests,
    stored,
    untold: all.filter(({ taskId }) => !known.has(taskId)),
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
    illAfter,
  };
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
