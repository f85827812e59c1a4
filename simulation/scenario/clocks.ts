/** The wall clock of each machine. */
import { WallClock, type ClockError } from '../engine/wall-clock.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';

/** The largest error of any clock at the start, its largest drift, and its largest step. */
export interface ClockErrors extends ClockError {
  /** The bound of a single step, forward or back. */
  readonly stepMs: number;
}

const HOUR_MS = 3_600_000;

/** Most clocks are synchronized; some are hours off. */
export function drawClockErrors(random: SeededRandom): ClockErrors {
  const isSynchronized = random.chance(0.7);
  return {
    offsetMs: random.chance(0.3)
      ? 0
      : isSynchronized
        ? random.magnitude(1, 10_000)
        : random.magnitude(10_000, 3 * HOUR_MS),
    driftPpm: random.chance(0.3) ? 0 : random.magnitude(1, 500),
    stepMs: random.chance(0.5) ? 120_000 : HOUR_MS,
  };
}

/** @param machines the names of the coordinators, the workers and the stack */
export function createClocks(
  random: SeededRandom,
  { offsetMs, driftPpm }: ClockErrors,
  machines: readonly string[],
): ReadonlyMap<string, WallClock> {
  return new Map(
    machines.map((name) => [
      name,
      new WallClock({
        offsetMs: random.between(-1, 1) * offsetMs,
        driftPpm: random.between(-1, 1) * driftPpm,
      }),
    ]),
  );
}
