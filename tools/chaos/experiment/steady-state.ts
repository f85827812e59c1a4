/** The state that must hold before the first fault: an experiment on a broken system shows nothing. */
import { z } from 'zod';
import type { HttpClient } from '../../../client/http.js';
import { sleep } from '../../../client/sleep.js';
import { parseJson } from '../../../contracts/common/text.js';
import { printDuration } from '../../kit/numbers/duration.js';
import type { Experiment } from '../definition/schema.js';

/** The experiment cannot be run, or shows nothing: neither held nor broken. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
}

const workersSchema = z.object({
  workers: z.array(z.object({ id: z.string(), state: z.string(), model: z.string(), faults: z.string() })),
});

export type WorkerSnapshot = z.infer<typeof workersSchema>['workers'][number];

const POLL_MS = 200;

/** Nothing where the coordinator cannot tell. */
export async function fetchWorkers(http: HttpClient): Promise<readonly WorkerSnapshot[] | undefined> {
  try {
    const { status, body } = await http.send({ method: 'GET', path: '/workers' });
    return status === 200 ? workersSchema.safeParse(parseJson(body)).data?.workers : undefined;
  } catch {
    return undefined; // whoever asks asks again
  }
}

/**
 * Waits until the system is as it must be, and says which workers there are.
 * @throws CannotRunError where it is not in time
 */
export async function awaitSteadyState(
  http: HttpClient,
  steady: Experiment['steady'],
  signal: AbortSignal,
): Promise<readonly WorkerSnapshot[]> {
  const deadlineMs = performance.now() + steady.within;
  for (;;) {
    const workers = (await fetchWorkers(http)) ?? [];
    const up = workers.filter(({ state }) => state === 'up').length;
    const ready = steady.ready ? await isReady(http) : 'ready';
    if (ready === 'ready' && up >= steady.workersUp) return workers;
    if (signal.aborted) throw new CannotRunError('stopped before it began');
    if (performance.now() > deadlineMs) {
      const state = ready === 'ready' ? '' : `${ready}; `;
      throw new CannotRunError(
        `the system was not steady within ${printDuration(steady.within)}: ${state}` +
          `${up} workers are up where ${steady.workersUp} must be`,
      );
    }
    await sleep(POLL_MS, signal);
  }
}

const readinessSchema = z.object({ status: z.string(), reasons: z.array(z.string()).default([]) });

async function isReady(http: HttpClient): Promise<string> {
  try {
    const { body } = await http.send({ method: 'GET', path: '/readyz' });
    const { status, reasons } = readinessSchema.safeParse(parseJson(body)).data ?? {
      status: 'no answer that can be read',
      reasons: [],
    };
    return status === 'ready' ? status : [status, ...reasons].join(', ');
  } catch {
    return 'the coordinator does not answer';
  }
}
