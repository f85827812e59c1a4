/** Undoes what chaos does. Whatever fails, the rest is healed all the same. */
import { setTimeout as pause } from 'node:timers/promises';
import { UnansweredError } from './call.js';
import type { ProcessView } from '../../../contracts/control/control-protocol.js';
import { ChaosError, type ChaosSystem, type Target } from './system.js';

export type Healable = Pick<ChaosSystem, 'workers' | 'processes' | 'start' | 'resume'>;

/** Ends what is injected into that worker, or, `stack`, into the network; tells what it was, nothing if nothing. */
export type ClearFaults = (target: Target) => Promise<string | undefined>;

export interface HealOptions {
  /** For what restarts, or crashes while it is being healed. */
  readonly timeoutMs?: number;
}

const HEAL_TIMEOUT_MS = 60_000;
const TRY_EVERY_MS = 50;

/** @returns one line for each thing that was wrong @throws ChaosError naming what could not be healed */
export async function heal(
  system: Healable,
  clearFaults: ClearFaults,
  { timeoutMs = HEAL_TIMEOUT_MS }: HealOptions = {},
): Promise<readonly string[]> {
  const deadlineMs = performance.now() + timeoutMs;
  const processes = await system.processes();
  const targets = [...system.workers.map(({ id }) => id), 'stack'];
  const outcomes = [
    ...(await settleAll(processes, (process) => healProcess(system, process))),
    // Only those that run can be told anything.
    ...(await settleAll(targets, (target) => untilAnswered(deadlineMs, () => clearFaults(target)))),
    ...(await settleAll([deadlineMs], () => untilAllRun(deadlineMs, system))),
  ];
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [messageOf(outcome.reason)] : [],
  );
  if (failures.length > 0) throw new ChaosError(failures.join('; '));
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : []));
}

function settleAll<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  return Promise.allSettled(items.map(work));
}

async function healProcess(system: Healable, { name, state }: ProcessView): Promise<string | undefined> {
  switch (state) {
    case 'running':
      return undefined;
    case 'restarting':
      return `${name}: back by itself`;
    case 'paused':
      await system.resume(name);
      return `${name}: resumed`;
    case 'stopped':
      await system.start(name);
      return `${name}: started`;
  }
}

/** Under a plan of crashes a worker may die between any two words. */
async function untilAnswered<T>(deadlineMs: number, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnansweredError) || performance.now() > deadlineMs) throw error;
    }
    await pause(TRY_EVERY_MS);
  }
}

async function untilAllRun(deadlineMs: number, system: Healable): Promise<undefined> {
  for (;;) {
    const down = (await system.processes()).filter(({ state }) => state !== 'running');
    if (down.length === 0) return undefined;
    if (performance.now() > deadlineMs) {
      throw new ChaosError(`not running: ${down.map(({ name, state }) => `${name} (${state})`).join(', ')}`);
    }
    await pause(TRY_EVERY_MS);
  }
}

const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
