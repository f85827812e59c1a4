/**
 * The order of measurements. Machines drift, so every run of the system has the bare model before and after it, and
 * what counts is its share of their mean.
 */
import type { LoadShape } from './load.js';
import type { BareRun } from './measure-bare.js';
import type { SystemMeasurement } from './measure-system.js';
import { mean } from './statistics.js';

export interface SystemRun extends SystemMeasurement {
  readonly shape: LoadShape;
  /** A share of the bare model's throughput. */
  readonly share: number;
}

export interface Rounds {
  readonly bareRuns: readonly BareRun[];
  readonly systemRuns: readonly SystemRun[];
}

export interface Measurements {
  bare(): Promise<BareRun>;
  system(shape: LoadShape): Promise<SystemMeasurement>;
}

export async function measureRounds(
  roundCount: number,
  shapes: readonly LoadShape[],
  measure: Measurements,
): Promise<Rounds> {
  const bareRuns: BareRun[] = [];
  const systemRuns: SystemRun[] = [];
  let before = await measure.bare();
  bareRuns.push(before);
  for (const shape of repeated(shapes, roundCount)) {
    const measured = await measure.system(shape);
    const after = await measure.bare();
    bareRuns.push(after);
    const bareTextsPerSecond = mean([before.textsPerSecond, after.textsPerSecond]);
    systemRuns.push({ ...measured, shape, share: measured.tasksPerSecond / bareTextsPerSecond });
    before = after;
  }
  return { bareRuns, systemRuns };
}

function repeated<T>(items: readonly T[], times: number): readonly T[] {
  return Array.from({ length: times }, () => items).flat();
}
