import { setTimeout as delay } from 'node:timers/promises';
import { processTreeCpuMs } from './cpu.js';
import {
  describeShape,
  startLoad,
  type Load,
  type LoadErrors,
  type LoadShape,
  type LoadTarget,
} from './load.js';
import { percentile } from './statistics.js';

export interface SystemMeasurement {
  readonly tasksPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all processes of the system, without the load generator; `null` where it cannot be told. */
  readonly cpuMsPerTask: number | null;
  readonly errors: LoadErrors;
}

/** Fresh processes are slow. */
const WARM_UP: LoadShape = { clients: 64, textsPerRequest: 1 };
const WARM_UP_MS = 4000;

/** All clients start at once; what they do until they have spread out is nobody's everyday. */
const LEAD_IN_MS = 1000;

export async function measureSystem(
  shape: LoadShape,
  target: LoadTarget & { readonly pid: number },
  durationMs: number,
  signal: AbortSignal,
): Promise<SystemMeasurement> {
  const load = startLoad(shape, target, signal);
  const observed = await observe(load, target.pid, durationMs, signal).finally(() => load.stop());
  const { elapsedMs, tasks, latenciesMs, cpuMs } = observed;
  if (tasks === 0) throw new UselessMeasurementError(shape, load.errors());
  return {
    tasksPerSecond: (tasks * 1000) / elapsedMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    cpuMsPerTask: cpuMs === null ? null : cpuMs / tasks,
    errors: load.errors(),
  };
}

async function observe(load: Load, systemPid: number, durationMs: number, signal: AbortSignal) {
  await delay(LEAD_IN_MS, undefined, { signal });
  const cpuMsBefore = await processTreeCpuMs(systemPid);
  const closeWindow = load.openWindow();
  await delay(durationMs, undefined, { signal });
  const window = closeWindow();
  const cpuMsAfter = await processTreeCpuMs(systemPid);
  return { ...window, cpuMs: cpuMsBefore === null || cpuMsAfter === null ? null : cpuMsAfter - cpuMsBefore };
}

/** Fails at the first wrong answer: the minutes that follow would be wasted. */
export async function warmUpSystem(target: LoadTarget, signal: AbortSignal): Promise<void> {
  const load = startLoad(WARM_UP, target, signal);
  await delay(WARM_UP_MS, undefined, { signal }).finally(() => load.stop());
  if (load.errors().count > 0) throw new UselessMeasurementError(WARM_UP, load.errors());
}

export class UselessMeasurementError extends Error {
  override readonly name = 'UselessMeasurementError';

  constructor(shape: LoadShape, { count, complaints }: LoadErrors) {
    super(`${count} wrong or missing answers with ${describeShape(shape)}: ${complaints.join('; ')}`);
  }
}
