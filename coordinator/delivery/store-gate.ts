/**
 * Whether the store answers. Nothing is received while it does not; a delivery whose read or commit cannot be made
 * is not a failed one, so it tries again until the store is back.
 */
import { StackUnavailableError } from '../../contracts/errors.js';
import type { Clock, Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { pause } from '../repeat.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

export class StoreGate {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #trying = new Set<symbol>();
  #opened: (() => void)[] = [];

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get isOpen(): boolean {
    return this.#trying.size === 0;
  }

  /** Resolves when nobody is waiting for the store, or when `signal` fires. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.isOpen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      this.#opened.push(end);
    });
  }

  /**
   * Runs a call until the store answers it.
   * @throws whatever is no StackUnavailableError; that too once `signal` has fired.
   */
  async persist<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const id = Symbol('call');
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        try {
          return await call();
        } catch (error) {
          if (!(error instanceof StackUnavailableError) || signal.aborted) throw error;
          if (this.isOpen) this.#logger.warn({ error: messageOf(error) }, 'store.unavailable');
          this.#trying.add(id);
        }
        await pause(this.#clock, pauseMs, signal);
      }
    } finally {
      if (this.#trying.delete(id) && this.isOpen) {
        this.#logger.info({}, 'store.available');
        for (const resolve of this.#opened.splice(0)) resolve();
      }
    }
  }
}
