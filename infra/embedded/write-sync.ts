/** When what was written is brought to the disk, and which replies wait for it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Durability } from '../../contracts/settings/durability.js';

export interface WriteSyncParts {
  readonly durability: Durability;
  /** Resolves when all that was written before the call is on the disk. */
  readonly syncDisk: () => Promise<void>;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** Half of what may be lost: what is written while one sync runs waits for the next. */
const SYNC_EVERY_MS = 500;
/** A disk that is slower than this holds its writers up, or ever more would be at stake. */
const MAX_UNSYNCED_MS = 1000;

export class WriteSync {
  readonly #parts: WriteSyncParts;
  readonly #stopping = new AbortController();
  #written = 0;
  #synced = 0;
  #oldestUnsyncedAtMs = 0;
  #running: Promise<void> | undefined;
  #ticking: Promise<void> | undefined;

  constructor(parts: WriteSyncParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#parts.durability === 'everysec') this.#ticking = this.#tick();
  }

  /** Syncs once more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ticking;
    await this.flush().catch(this.#parts.onFailure);
  }

  /** To be called when a write has reached the kernel. */
  noteWrite(): void {
    if (this.#written === this.#synced) this.#oldestUnsyncedAtMs = this.#parts.now();
    this.#written += 1;
  }

  /**
   * Returns what a reply has to wait for; nothing where it need not. In `sync` that is so for reads and refusals as well: they
   * tell of what others wrote.
   */
  beforeReply(): Promise<void> | undefined {
    if (this.#written === this.#synced) return undefined;
    const isLate = this.#parts.now() - this.#oldestUnsyncedAtMs > MAX_UNSYNCED_MS;
    return this.#parts.durability === 'sync' || isLate ? this.flush() : undefined;
  }

  /** Resolves when all that is written by now is on the disk. Whoever comes while a sync runs shares the next one. */
  async flush(): Promise<void> {
    const wanted = this.#written;
    while (this.#synced < wanted) await (this.#running ??= this.#sync());
  }

  async #sync(): Promise<void> {
    const covered = this.#written;
    const startedAtMs = this.#parts.now();
    try {
      await this.#parts.syncDisk();
      this.#synced = covered;
      this.#oldestUnsyncedAtMs = startedAtMs; // the oldest that came meanwhile is younger
    } finally {
      this.#running = undefined;
    }
  }

  async #tick(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(SYNC_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      await this.flush().catch(this.#parts.onFailure);
    }
  }
}
