/**
 * Whether the store answers. Nothing is received while it does not; a delivery whose read or commit cannot be made
 * is not a failed one, so it tries again until the store is back. A store that is too busy for one batch, such as an
 * index whose partition is throttled, does answer: that batch waits, the others go on.
 */
import { StackThrottledError, StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { pause } from '../async/repeat.js';

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;
/** Each holds its batch in memory and extends its lease: beyond that, nothing more is taken in. */
export const MAX_THROTTLED_CALLS = 1000;

export class StoreGate {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Calls that are tried again: those that were not answered, and those that the store was too busy for. */
  readonly #unanswered = new Set<symbol>();
  readonly #throttled = new Set<symbol>();
  #opened: (() => void)[] = [];

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get isOpen(): boolean {
    return this.#unanswered.size === 0 && this.#throttled.size < MAX_THROTTLED_CALLS;
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
   * @param onThrottled called once, where the store is too busy for it: until it has been made, others should not wait too
   * @throws whatever is no StackUnavailableError; that too once `signal` has fired.
   */
  async persist<T>(
    call: () => Promise<T>,
    signal: AbortSignal,
    onThrottled: () => void = () => undefined,
  ): Promise<T> {
    const id = Symbol('call');
    let reportThrottled = onThrottled;
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
        try {
          return await call();
        } catch (error) {
          if (!(error instanceof StackUnavailableError) || signal.aborted) throw error;
          if (error instanceof StackThrottledError) {
            reportThrottled();
            reportThrottled = () => undefined;
          }
          this.#note(id, error);
        }
        await pause(this.#clock, pauseMs, signal);
      }
    } finally {
      this.#settle(id);
    }
  }

  #note(id: symbol, error: StackUnavailableError): void {
    const wasOpen = this.isOpen;
    const isThrottled = error instanceof StackThrottledError;
    const [now, other] = isThrottled
      ? [this.#throttled, this.#unanswered]
      : [this.#unanswered, this.#throttled];
    const isFirst = now.size === 0;
    now.add(id);
    other.delete(id);
    if (isThrottled && isFirst) this.#logger.warn({ error: messageOf(error) }, 'store.throttled');
    if (wasOpen && !isThrottled) this.#logger.warn({ error: messageOf(error) }, 'store.unavailable');
    if (!wasOpen) this.#notifyIfOpen();
  }

  #settle(id: symbol): void {
    const wasOpen = this.isOpen;
    this.#throttled.delete(id);
    this.#unanswered.delete(id);
    if (!wasOpen) this.#notifyIfOpen();
  }

  #notifyIfOpen(): void {
    if (!this.isOpen) return;
    this.#logger.info({}, 'store.available');
    for (const resolve of this.#opened.splice(0)) resolve();
  }
}
