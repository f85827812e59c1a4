/** Which clock each machine has. */
import { WallClock, type ClockError } from '../engine/wall-clock.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';

/** How wrong clocks are at the start, and how wrong they become: the most of each. */
export interface ClockErrors extends ClockError {
  /** Of a single step, forward or back. */
  readonly stepMs: number;
}

const HOUR_MS = 3_600_000;

/** Kept by somebody, mostly; now and then one is hours away. */
export function drawClockErrors(random: SeededRandom): ClockErrors {
  const isKept = random.chance(0.7);
  return {
    offsetMs: random.chance(0.3)
      ? 0
      : isKept
        ? random.magnitude(1, 10_000)
        : random.magnitude(10_000, 3 * HOUR_MS),
    driftPpm: random.chance(0.3) ? 0 : random.magnitude(1, 500),
    stepMs: random.chance(0.5) ? 120_000 : HOUR_MS,
  };
}

/** One for each machine, by name: that of the coordinators, the workers, and the stack. */
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
