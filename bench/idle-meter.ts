/**
 * Tells what the idle system costs while the bare model is measured beside it.
 *
 * Starting it anew for each run would keep the machine to the bare model, but every run would then begin with cold
 * processes. It stays up, and the report says what it took.
 */
import { processTreeCpuMs } from './cpu.js';

export interface IdleMeter {
  /** Runs `measure` and keeps account of the system's CPU meanwhile. */
  during<T>(measure: () => Promise<T>): Promise<T>;
  /** How many cores the system kept busy, on average; `null` where it cannot be told. */
  busyCores(): number | null;
}

export function createIdleMeter(systemPid: number): IdleMeter {
  let cpuMs = 0;
  let elapsedMs = 0;
  return {
    async during(measure) {
      const startedAtMs = performance.now();
      const cpuMsBefore = await processTreeCpuMs(systemPid);
      const measured = await measure();
      const cpuMsAfter = await processTreeCpuMs(systemPid);
      if (cpuMsBefore === null || cpuMsAfter === null) return measured;
      cpuMs += cpuMsAfter - cpuMsBefore;
      elapsedMs += performance.now() - startedAtMs;
      return measured;
    },
    busyCores: () => (elapsedMs === 0 ? null : cpuMs / elapsedMs),
  };
}
