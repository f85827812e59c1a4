/**
 * After a write that failed (the disk is full, or fails) the end of LevelDB's log is in doubt: what is written behind it
 * could be lost with it at the next start. So nothing is written any more until the database has been opened anew, which
 * cuts the doubtful end off:
 *
 *     well ── a write fails ──> refusing writes ── room again, opened anew ──> well
 */
import { statfs } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from 'dynalite/db/index.js';
import type { Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { explainFolderError } from '../process/private-folder.js';

export interface StoreRecoveryOptions {
  readonly folder: string;
  readonly db: Database;
  readonly logger: Logger;
  readonly retryEveryMs?: number;
  readonly minFreeBytes?: number;
}

const RETRY_EVERY_MS = 1000;
/** LevelDB writes its log anew as a table when it opens: several megabytes. */
const MIN_FREE_BYTES = 32 * 1024 * 1024;
/** The same trouble is told again after so long. */
const SAY_AGAIN_AFTER_MS = 60_000;
const FAILURES = ['LEVEL_IO_ERROR', 'LEVEL_CORRUPTION'];

export class StoreRecovery {
  readonly #options: StoreRecoveryOptions;
  readonly #stopping = new AbortController();
  readonly #saidAtMs = new Map<string, number>();
  #failure: Error | undefined;
  #reopening: Promise<void> | undefined;
  #isDamaged = false;

  constructor(options: StoreRecoveryOptions) {
    this.#options = options;
  }

  /** Why nothing may be written now. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether something could not be read: the next start mends what can be mended. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  noteFailure(operation: 'read' | 'write', error: unknown): void {
    if (!isOfTheDisk(error)) return;
    const explained = explainFolderError(this.#options.folder, error);
    if (operation === 'read') {
      this.#isDamaged = true;
      this.#say('stack.read_failed', explained, 'it is mended, as far as it can be, at the next start');
      return;
    }
    this.#say('stack.write_failed', explained, 'writes are refused until it can be written again');
    this.#failure ??= explained;
    this.#reopening ??= this.#reopen().finally(() => (this.#reopening = undefined));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reopening;
  }

  async #reopen(): Promise<void> {
    const { folder, db, logger, retryEveryMs = RETRY_EVERY_MS } = this.#options;
    const { signal } = this.#stopping;
    while (!this.#isStopping()) {
      await pause(retryEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (this.#isStopping() || !(await this.#hasRoom())) continue;
      try {
        await db.close._original();
        await db.open();
        this.#failure = undefined;
        logger.info({ folder }, 'stack.write_recovered');
        return;
      } catch (error) {
        this.#say('stack.reopen_failed', error, 'it is tried again');
      }
    }
  }

  /** Asked anew after each wait. */
  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #hasRoom(): Promise<boolean> {
    const { folder, minFreeBytes = MIN_FREE_BYTES } = this.#options;
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize >= minFreeBytes;
    } catch (error) {
      this.#say('stack.reopen_failed', error, 'it is tried again');
      return false;
    }
  }

  #say(event: string, error: unknown, what: string): void {
    const nowMs = performance.now();
    if (nowMs - (this.#saidAtMs.get(event) ?? -Infinity) < SAY_AGAIN_AFTER_MS) return;
    this.#saidAtMs.set(event, nowMs);
    this.#options.logger.error({ folder: this.#options.folder, error: messageOf(error), what }, event);
  }
}

function isOfTheDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FAILURES.includes(String(error.code));
}
