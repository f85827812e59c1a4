/**
 * A simulated process. What runs in it gets its time and its answers through here, so that it can be frozen (what comes
 * due waits) or killed (nothing of it has any effect from then on).
 *
 *     running <─> frozen
 *        └──> dead <──┘
 */
import type { Clock } from '../../contracts/system/clock.js';
import type { VirtualTime } from './virtual-time.js';
import type { WallClock } from './wall-clock.js';

/** So that whoever takes one time for the other is found out. */
const MONOTONIC_ORIGIN_MS = 1000;

/** Whole milliseconds, a fraction is cut off, and never none: so a timer may fire a little early. */
function nodeTimerDelay(delayMs: number): number {
  return Math.max(1, Math.trunc(delayMs));
}

interface PendingCall {
  readonly isTimer: boolean;
  readonly call: () => void;
}

export class Host {
  readonly name: string;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  readonly #pending: PendingCall[] = [];
  readonly #deathListeners: (() => void)[] = [];
  #state: 'running' | 'frozen' | 'dead' = 'running';

  constructor(time: VirtualTime, wall: WallClock, name: string) {
    this.#time = time;
    this.name = name;
    this.clock = {
      now: () => wall.now(time.nowMs),
      monotonic: () => MONOTONIC_ORIGIN_MS + time.nowMs,
      timer: (delayMs, call) => this.#timer(delayMs, call),
    };
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Something comes in: it is taken in at once, when the process goes on, or never. */
  enter(call: () => void): void {
    this.#deliver({ isTimer: false, call });
  }

  onDeath(listener: () => void): void {
    this.#deathListeners.push(listener);
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /**
   * What came due meanwhile comes in one after the other, each with all that it sets off; a process that wakes up looks
   * at its timers first, or at what has arrived.
   */
  resume(timersFirst: boolean): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    const waiting = this.#pending.splice(0);
    const [first, second] = [true, false].map((isFirst) =>
      waiting.filter(({ isTimer }) => (isTimer === timersFirst) === isFirst),
    );
    for (const each of [...(first ?? []), ...(second ?? [])]) this.#time.after(0, () => this.#deliver(each));
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#pending.length = 0;
    for (const mourner of this.#deathListeners.splice(0)) mourner();
  }

  #deliver(waiting: PendingCall): void {
    if (this.#state === 'running') waiting.call();
    else if (this.#state === 'frozen') this.#pending.push(waiting);
  }

  #timer(delayMs: number, call: () => void): () => void {
    let cancelled = false;
    const fire = () => {
      if (!cancelled) call();
    };
    const cancel = this.#time.after(nodeTimerDelay(delayMs), () =>
      this.#deliver({ isTimer: true, call: fire }),
    );
    return () => {
      cancelled = true;
      cancel();
    };
  }
}
