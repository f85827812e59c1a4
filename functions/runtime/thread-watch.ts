/**
 * Looks after a function's thread ten times a second: whether it answers, and what memory the process takes. Time is
 * counted in steps of bounded length: a process that was paused does not blame its function for the pause.
 */
import { UNRESPONSIVE_AFTER_MS } from '../../contracts/worker.js';
import type { Clock } from '../../contracts/ports.js';

export interface WatchParts {
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly ping: () => void;
  readonly onTick: (stepMs: number) => void;
  /** Bytes of the whole process: buffers and native memory are in no heap. */
  readonly readMemory?: () => number;
}

const TICK_MS = 100;
const LONGEST_STEP_MS = 2 * TICK_MS;
const MB = 1024 * 1024;

export class ThreadWatch {
  readonly #parts: WatchParts;
  readonly #readMemory: () => number;
  readonly #loadedBytes: number;
  #bytes: number;
  #silentMs = 0;
  #isAsked = false;
  #lastTickAt: number;
  #cancel: () => void;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#readMemory = parts.readMemory ?? (() => process.memoryUsage.rss());
    this.#loadedBytes = this.#readMemory();
    this.#bytes = this.#loadedBytes;
    this.#lastTickAt = parts.clock.monotonic();
    this.#cancel = parts.clock.timer(TICK_MS, () => this.#tick());
  }

  /** Since the oldest question that the thread has not answered; 0 where it answers. */
  get silentMs(): number {
    return Math.round(this.#silentMs);
  }

  get isResponsive(): boolean {
    return this.#silentMs < UNRESPONSIVE_AFTER_MS;
  }

  /** Something keeps the thread from its event loop. */
  get isBlocked(): boolean {
    return this.#silentMs > 0;
  }

  /** What the process takes beyond what it took when the function was loaded. */
  get grownMb(): number {
    return (this.#bytes - this.#loadedBytes) / MB;
  }

  answered(): void {
    this.#isAsked = false;
    this.#silentMs = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    const { clock, ping, onTick } = this.#parts;
    const now = clock.monotonic();
    const stepMs = Math.min(now - this.#lastTickAt, LONGEST_STEP_MS);
    this.#lastTickAt = now;
    this.#bytes = this.#readMemory();
    if (this.#isAsked) this.#silentMs += stepMs;
    else {
      this.#isAsked = true;
      ping();
    }
    this.#cancel = clock.timer(TICK_MS, () => this.#tick());
    onTick(stepMs);
  }
}
