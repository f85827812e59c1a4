/**
 * A clock that stops while its process is frozen, like the monotonic clock of a machine that sleeps. Leases then seem valid
 * after other coordinators have received their messages.
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
