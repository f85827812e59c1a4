/** Keeps an injected fault in force: a worker that dies meanwhile comes back with the plan that it was started with. */
import { waitMs } from '../../load/wait.js';
import type { ChaosSystem } from '../system.js';

const LOOK_EVERY_MS = 250;

/** Resolves when the time is over or the signal fires. Never rejects: a worker that is down is looked at again. */
export async function keepFaults(
  system: ChaosSystem,
  worker: string,
  faults: string,
  forMs: number,
  signal: AbortSignal,
): Promise<void> {
  const untilMs = performance.now() + forMs;
  const leftMs = (): number => untilMs - performance.now();
  let injectedInto = await pidOf(system, worker);
  const mustLast = (): boolean => leftMs() > 0 && !signal.aborted;
  while (mustLast()) {
    await waitMs(Math.min(LOOK_EVERY_MS, leftMs()), signal);
    const pid = await pidOf(system, worker);
    if (pid === undefined || pid === injectedInto || !mustLast()) continue;
    const limits = Number.isFinite(leftMs()) ? { forMs: Math.ceil(leftMs()) } : {};
    await system.fault(worker, faults, limits).then(
      () => (injectedInto = pid),
      () => undefined, // not up yet
    );
  }
}

async function pidOf(system: ChaosSystem, worker: string): Promise<number | undefined> {
  const views = await system.processes().catch(() => []);
  return views.find(({ name }) => name === worker)?.pid;
}
