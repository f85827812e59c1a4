/**
 * A clock that stands still while its process is frozen, as the monotonic clock of a machine that sleeps: leases then
 * seem to last, though the queue has given their messages to others.
 */
import type { Clock } from '../../contracts/system/clock.js';

const TICK_MS = 100;

export function stoppedWhileFrozen(clock: Clock): Clock {
  let sleptMs = 0;
  let awakeAtMs = clock.monotonic();
  const notice = () => {
    const nowMs = clock.monotonic();
    if (nowMs - awakeAtMs > 2 * TICK_MS) sleptMs += nowMs - awakeAtMs;
    awakeAtMs = nowMs;
  };
  const tick = () => {
    notice();
    clock.timer(TICK_MS, tick);
  };
  tick();
  return {
    ...clock,
    monotonic: () => {
      notice();
      return clock.monotonic() - sleptMs;
    },
  };
}
