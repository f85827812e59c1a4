import { expect, it } from 'vitest';
import { EmptyHours } from '../../../coordinator/tasks/empty-hours.js';
import { ManualClock } from '../../support/manual-clock.js';

const HOUR_MS = 3_600_000;

it('an hour that comes again after a step back of the clock is not known to be empty', () => {
  const clock = new ManualClock();
  const hours = new EmptyHours(clock);
  const hour = Math.floor(clock.now() / HOUR_MS) - 2;
  hours.add(hour);
  expect(hours.has(hour)).toBe(true);
  clock.step(-2 * HOUR_MS);
  expect(hours.has(hour)).toBe(false);
});
