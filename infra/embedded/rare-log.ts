/** Trouble that comes back with every call is told once a minute. */
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';

const SAY_AGAIN_AFTER_MS = 60_000;

export class RareLog {
  readonly #logger: Logger;
  readonly #folder: string;
  readonly #saidAtMs = new Map<string, number>();

  constructor(logger: Logger, folder: string) {
    this.#logger = logger;
    this.#folder = folder;
  }

  error(event: string, error: unknown): void {
    const nowMs = performance.now();
    if (nowMs - (this.#saidAtMs.get(event) ?? -Infinity) < SAY_AGAIN_AFTER_MS) return;
    this.#saidAtMs.set(event, nowMs);
    this.#logger.error({ folder: this.#folder, error: messageOf(error) }, event);
  }

  /** It is over: the next time is news again. */
  info(event: string): void {
    this.#saidAtMs.clear();
    this.#logger.info({ folder: this.#folder }, event);
  }
}
