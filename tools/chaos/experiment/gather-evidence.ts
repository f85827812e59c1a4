/** After the run: a few questions more, and what the books say. */
import { messageOf } from '../../../contracts/common/text.js';
import { takenInAtMs } from '../evidence/batch-time.js';
import { askAgain } from '../load/clients.js';
import { acceptedTasks, type Answer, type Evidence } from '../evidence/evidence.js';
import { recoveries, type TaskSpan } from '../evidence/recovery.js';
import { readBooks } from './read-books.js';
import type { Stage } from './stage.js';
import { awaitSteadyState } from './steady-state.js';

const ASKED_AGAIN = 40;

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
