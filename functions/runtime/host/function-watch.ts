/**
 * Checks ten times a second whether the process of a function answers, and how much memory it uses. Each step counts a
 * bounded time, so that a paused worker does not take its own pause for one of the function.
 */
import { UNRESPONSIVE_AFTER_MS } from '../../../contracts/worker/worker.js';
import type { Clock } from '../../../contracts/system/clock.js';

export interface WatchParts {
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly ping: () => void;
  readonly onTick: (stepMs: number) => void;
  /** Includes buffers and native memory. `undefined` if the system does not tell. */
  readonly readMemoryBytes: () => number | undefined;
}

const TICK_MS = 100;
const MAX_STEP_MS = 2 * TICK_MS;
const MB = 1024 * 1024;

export class FunctionWatch {
  readonly #parts: WatchParts;
  readonly #loadedBytes: number | undefined;
  #bytes: number | undefined;
  #unresponsiveMs = 0;
  #isPingPending = false;
  #lastTickAt: number;
  #cancel: () => void;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#loadedBytes = parts.readMemoryBytes();
    this.#bytes = this.#loadedBytes;
    this.#lastTickAt = parts.clock.monotonic();
    this.#cancel = parts.clock.timer(TICK_MS, () => this.#tick());
  }

  /** Time since the oldest unanswered ping. 0 if the function answers. */
  get unresponsiveMs(): number {
    return Math.round(this.#unresponsiveMs);
  }

  get isResponsive(): boolean {
    return this.#unresponsiveMs < UNRESPONSIVE_AFTER_MS;
  }

  /** Whether the event loop of the function is blocked. */
  get isBlocked(): boolean {
    return this.#unresponsiveMs > 0;
  }

  /** Memory growth since the function was loaded. */
  get memoryGrowthMb(): number {
    return this.#bytes === undefined || this.#loadedBytes === undefined
      ? 0
      : (this.#bytes - this.#loadedBytes) / MB;
  }

  recordPong(): void {
    this.#isPingPending = false;
    this.#unresponsiveMs = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    const { clock, ping, onTick, readMemoryBytes } = this.#parts;
    const now = clock.monotonic();
    const stepMs = Math.min(now - this.#lastTickAt, MAX_STEP_MS);
    this.#lastTickAt = now;
    this.#bytes = readMemoryBytes();
    if (this.#isPingPending) this.#unresponsiveMs += stepMs;
    else {
      this.#isPingPending = true;
      ping();
    }
    this.#cancel = clock.timer(TICK_MS, () => this.#tick());
    onTick(stepMs);
  }
}
