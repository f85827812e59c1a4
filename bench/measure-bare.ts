import type { BareMeasurement, BareModel } from './bare-model.js';
import { processTreeCpuMs } from './cpu.js';

export interface BareRun extends BareMeasurement {
  /** How many cores the idle system kept busy meanwhile; `null` where it cannot be told. */
  readonly idleSystemCores: number | null;
}

/**
 * The system stays up meanwhile: started anew for each of its runs, it would run on cold processes. Idle, it takes
 * about 0.04 of a core, and more just after its start; on two cores that the bare model keeps busy, this cost the bare
 * model 2 to 4 %, as measured with and without. What the system took is counted back in, or it would look too good.
 */
export async function measureBare(
  bareModel: BareModel,
  systemPid: number,
  cores: number,
  durationMs: number,
): Promise<BareRun> {
  const startedAtMs = performance.now();
  const cpuMsBefore = await processTreeCpuMs(systemPid);
  const measured = await bareModel.measure(durationMs);
  const cpuMsAfter = await processTreeCpuMs(systemPid);
  if (cpuMsBefore === null || cpuMsAfter === null) return { ...measured, idleSystemCores: null };
  const idleSystemCores = (cpuMsAfter - cpuMsBefore) / (performance.now() - startedAtMs);
  return {
    ...measured,
    textsPerSecond: withoutNeighbor(measured.textsPerSecond, cores, idleSystemCores),
    idleSystemCores,
  };
}

/** The rate that it would reach if it had all cores to itself. */
export function withoutNeighbor(rate: number, cores: number, neighborCores: number): number {
  return (rate * cores) / (cores - neighborCores);
}
