/** A clock that moves only when a test moves it. Its two times have different origins, so that a mix-up shows. */
import type { Clock } from '../../contracts/system/clock.js';

const WALL_ORIGIN_MS = Date.UTC(2027, 0, 15);
const MONOTONIC_ORIGIN_MS = 1000;

interface Timer {
  readonly dueMs: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  #elapsedMs = 0;
  #offsetMs: number;
  readonly #timers = new Set<Timer>();

  /** @param offsetMs how wrong its wall clock is */
  constructor(offsetMs = 0) {
    this.#offsetMs = offsetMs;
  }

  now(): number {
    return WALL_ORIGIN_MS + this.#elapsedMs + this.#offsetMs;
  }

  monotonic(): number {
    return MONOTONIC_ORIGIN_MS + this.#elapsedMs;
  }

  timer(delayMs: number, call: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), call };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** The wall clock steps; no time passes. */
  step(ms: number): void {
    this.#offsetMs += ms;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and fires what comes due on the way, each at its own instant. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    for (let timer = this.#nextDue(untilMs); timer !== undefined; timer = this.#nextDue(untilMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      timer.call();
    }
    this.#elapsedMs = untilMs;
  }

  /** Time passes while this process stands still: what came due on the way is fired late, all of it at the end. */
  standStill(ms: number): void {
    this.#elapsedMs += ms;
    this.advance(0);
  }

  #nextDue(untilMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs);
    return due.toSorted((a, b) => a.dueMs - b.dueMs)[0];
  }
}
