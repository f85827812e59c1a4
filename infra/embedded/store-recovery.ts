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
import { explainFolderError } from '../process/private-folder.js';
import { isDamage } from './dynamo-folder.js';
import type { RateLimitedLog } from './rate-limited-log.js';

export interface StoreRecoveryOptions {
  readonly folder: string;
  readonly db: Database;
  readonly log: RateLimitedLog;
  /** Files are damaged. The process may end of it at once, so this must be done when it returns. */
  readonly onDamage: () => void;
  readonly retryEveryMs?: number;
  readonly minFreeBytes?: number;
}

const RETRY_EVERY_MS = 1000;
/** LevelDB writes its log anew as a table when it opens: several megabytes. */
const MEBIBYTE = 1024 * 1024;
const MIN_FREE_BYTES = 32 * MEBIBYTE;
const FAILURES = ['LEVEL_IO_ERROR', 'LEVEL_CORRUPTION'];

export class StoreRecovery {
  readonly #options: StoreRecoveryOptions;
  readonly #stopping = new AbortController();
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
    if (!isStorageError(error)) return;
    const { folder, minFreeBytes = MIN_FREE_BYTES } = this.#options;
    const explained = explainFolderError(folder, error);
    if (operation === 'read') {
      this.#isDamaged = true;
      if (isDamage(error)) this.#options.onDamage();
      this.#options.log.error('stack.read_failed', explained);
      return;
    }
    const until = `Writes are refused until it can be written and ${inMebibytes(minFreeBytes)} are free on it`;
    const failure = new Error(`${explained.message}. ${until}`, { cause: error });
    this.#options.log.error('stack.write_failed', failure);
    this.#failure ??= failure;
    this.#reopening ??= this.#reopen().finally(() => (this.#reopening = undefined));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reopening;
  }

  async #reopen(): Promise<void> {
    const { db, log, retryEveryMs = RETRY_EVERY_MS } = this.#options;
    const { signal } = this.#stopping;
    while (!this.#isStopping()) {
      await pause(retryEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (this.#isStopping() || !(await this.#hasRoom())) continue;
      try {
        await db.close._original();
        await db.open();
        this.#failure = undefined;
        log.info('stack.write_recovered');
        return;
      } catch (error) {
        this.#options.log.error('stack.reopen_failed', error);
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
      const freeBytes = bavail * bsize;
      if (freeBytes >= minFreeBytes) return true;
      const isFree = `only ${inMebibytes(freeBytes)} are free: ${inMebibytes(minFreeBytes)} are needed before anything is written again`;
      this.#options.log.error('stack.space_missing', new Error(isFree));
      return false;
    } catch (error) {
      this.#options.log.error('stack.reopen_failed', error);
      return false;
    }
  }
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}

/** Errors of data that LevelDB cannot read or write, unlike what it is asked wrongly. */
export function isStorageError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FAILURES.includes(String(error.code));
}
