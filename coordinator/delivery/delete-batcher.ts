/**
 * Deletes messages ten at a time: a delete that comes alone waits a little for company. What cannot be deleted comes
 * again, is found finished, and is deleted then.
 */
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';

const MAX_AT_ONCE = 10;
const WAIT_MS = 20;

export class DeleteBatcher {
  readonly #clock: Clock;
  readonly #queue: BatchQueue;
  readonly #logger: Logger;
  #handles: string[] = [];
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(clock: Clock, queue: BatchQueue, logger: Logger) {
    this.#clock = clock;
    this.#queue = queue;
    this.#logger = logger;
  }

  add(receiptHandle: string): void {
    this.#handles.push(receiptHandle);
    if (this.#handles.length >= MAX_AT_ONCE) this.#send();
    else this.#cancelTimer ??= this.#clock.timer(WAIT_MS, () => this.#send());
  }

  /** Sends what waits; resolves when nothing is under way. */
  async flush(): Promise<void> {
    this.#send();
    await this.#running;
  }

  #send(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const handles = this.#handles.splice(0, MAX_AT_ONCE);
    if (handles.length === 0) return;
    this.#running = Promise.all([this.#running, this.#delete(handles)]).then(() => undefined);
  }

  async #delete(handles: readonly string[]): Promise<void> {
    try {
      const left = await this.#queue.deleteMany(handles);
      if (left.length > 0) this.#logger.debug({ messages: left.length }, 'messages.delete_failed');
    } catch (error) {
      this.#logger.warn({ messages: handles.length, error: messageOf(error) }, 'messages.delete_failed');
    }
  }
}
