/** After the run: a few questions more, and what the snapshot say. */
import { messageOf } from '../../../contracts/common/text.js';
import { acceptedAtMsOf } from '../evidence/batch-time.js';
import { verifyAgain } from '../load/clients.js';
import { acceptedTasks, type Answer, type Evidence } from '../evidence/evidence.js';
import { recoveries, type TaskSpan } from '../evidence/recovery.js';
import { readStoreSnapshot } from './store-snapshot.js';
import type { ExperimentRun } from './experiment-run.js';
import { awaitSteadyState } from './steady-state.js';

const MAX_REQUESTS_REPEATED = 40;

export async function gatherEvidence(
  run: ExperimentRun,
  bareModel: ReadonlyMap<string, Answer>,
  signal: AbortSignal,
): Promise<Evidence> {
  const { input, ports, clients, startedAtMs, marks, now, stopped } = run;
  const { experiment } = input;
  const requests = clients.records;
  const tasks = acceptedTasks({ requests });
  const healthProblem = await findHealthProblem(run, signal);
  const keyRepeats = await verifyAgain(requests, MAX_REQUESTS_REPEATED, {
    http: ports.http,
    now,
    waitMs: experiment.load.wait,
  });
  const known = new Set(tasks.map(({ taskId }) => taskId));
  const snapshot = await readStoreSnapshot(run, [...known], signal);
  return {
    settings: experiment.checks,
    poison: experiment.load.poisonous?.word,
    requests,
    stored: snapshot.stored,
    unreported: snapshot.all.filter(({ taskId }) => !known.has(taskId)),
    keyRepeats,
    bareModel,
    marks,
    recoveries: recoveries({
      marks,
      plannedAtMs: input.requests.map(({ atMs }) => atMs),
      okAtMs: run.tally.okAtMs,
      tasks: tasks.map(({ taskId, told }): TaskSpan => ({
        acceptedAtMs: (acceptedAtMsOf(taskId) ?? Infinity) - startedAtMs,
        finalAtMs: told?.atMs,
      })),
      loadMs: experiment.load.for,
    }),
    startedAtMs,
    stopped,
    healthProblem: snapshot.problem ?? healthProblem,
  };
}

const HEALTHY_WITHIN_MS = 10_000;

async function findHealthProblem(
  { ports, input }: ExperimentRun,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { ready, workersUp } = input.experiment.steady;
  try {
    const wanted = { ready, workersUp, within: HEALTHY_WITHIN_MS, successRate: 0 };
    await awaitSteadyState(ports.http, wanted, signal);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
