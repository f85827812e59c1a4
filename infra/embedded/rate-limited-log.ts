/** Trouble that comes back with every call is told once a minute. */
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';

const REPEAT_AFTER_MS = 60_000;

export class RateLimitedLog {
  readonly #logger: Logger;
  readonly #folder: string;
  readonly #loggedAtMs = new Map<string, number>();

  constructor(logger: Logger, folder: string) {
    this.#logger = logger;
    this.#folder = folder;
  }

  error(event: string, error: unknown): void {
    const nowMs = performance.now();
    if (nowMs - (this.#loggedAtMs.get(event) ?? -Infinity) < REPEAT_AFTER_MS) return;
    this.#loggedAtMs.set(event, nowMs);
    this.#logger.error({ folder: this.#folder, error: messageOf(error) }, event);
  }

  /** It is over: the next time is news again. */
  info(event: string): void {
    this.#loggedAtMs.clear();
    this.#logger.info({ folder: this.#folder }, event);
  }
}
