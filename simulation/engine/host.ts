/**
 * A simulated process. What runs in it gets its time and its answers through here, so that it can be frozen (events
 * wait) or killed (it has no further effect).
 *
 *     running <─> frozen
 *        └──> dead <──┘
 */
import type { Clock } from '../../contracts/system/clock.js';
import type { VirtualTime } from './virtual-time.js';
import type { WallClock } from './wall-clock.js';

/** Differs from virtual time, so that code that confuses the two fails. */
const MONOTONIC_ORIGIN_MS = 1000;

/** Node truncates delays to whole milliseconds, at least one, so a timer may fire a little early. */
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

  constructor(time: VirtualTime, wallClock: WallClock, name: string) {
    this.#time = time;
    this.name = name;
    this.clock = {
      now: () => wallClock.now(time.nowMs),
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

  /** Delivers an event to the process: at once, when it resumes, or never if it is dead. */
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
   * Delivers the events that waited, one after the other, each with all its consequences. A process that wakes up may
   * handle its timers or its messages first.
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
    for (const listener of this.#deathListeners.splice(0)) listener();
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
