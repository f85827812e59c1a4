/**
 * The ledger holds what this coordinator knows of the unfinished batches that it accepted or was asked for, and who waits for them. It keeps
 * finished batches for a while. It is not a source of truth: it only repeats what was read from or written to the store,
 * except to restore an emptied store.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { isTerminal, isOpen } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';
import { invariant } from '../../contracts/common/invariant.js';
import { asciiJsonBytes } from '../../contracts/common/text.js';
import { FinishedBatchCache } from './finished-batch-cache.js';
import { Deadlines } from './deadlines.js';

type Listener = (batch: BatchDocument) => void;

/** The order of batches with waiting clients when there are more than can be read: the others' turn comes all the same. */
const HEAD_START_MS = 10_000;

interface Entry {
  batch: BatchDocument;
  /** Resolves once the store holds the batch; rejects where the intake's write failed. */
  readonly stored: Promise<unknown>;
  /** Whether it was accepted here: its open tasks then count as outstanding. */
  readonly accepted: boolean;
  /** Bytes of each text, as messages hold it; empty if the batch was not accepted here. */
  readonly bytes: readonly number[];
  /** When it was last read or written, monotonic. */
  updatedAt: number;
  readonly listeners: Set<Listener>;
}

/** Called with the tasks that became terminal between two documents of a batch. */
export type TerminalListener = (batch: BatchDocument, newlyTerminal: readonly number[]) => void;

export class Ledger {
  readonly deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #entries = new Map<BatchId, Entry>();
  readonly #kept: FinishedBatchCache;
  readonly #terminalListeners: TerminalListener[] = [];
  #outstanding = 0;
  #outstandingBytes = 0;

  constructor(clock: Clock, kept = new FinishedBatchCache(clock)) {
    this.#clock = clock;
    this.#kept = kept;
    this.deadlines = new Deadlines(clock);
  }

  /** Tasks accepted here that are not terminal yet. */
  get outstandingTasks(): number {
    return this.#outstanding;
  }

  /** Bytes of their texts, as messages hold them. */
  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  onTerminal(listener: TerminalListener): void {
    this.#terminalListeners.push(listener);
  }

  /** @param admittedAt monotonic, of each task */
  accept(batch: BatchDocument, whenStored: Promise<unknown>, admittedAt = this.#nowForAll(batch)): void {
    this.deadlines.recordAdmission(batch, admittedAt);
    const bytes = batch.inputs.map(({ text }) => asciiJsonBytes(text));
    this.#outstanding += batch.tasks.length;
    this.#outstandingBytes += sumOf(bytes);
    this.#add(batch, whenStored, true, bytes);
  }

  /** Follows another coordinator's unfinished batch as long as a client here waits for it. */
  adopt(batch: BatchDocument): void {
    if (!this.#entries.has(batch.id)) this.#add(batch, Promise.resolve(), false);
  }

  /** Forgets a batch whose acceptance failed. */
  drop(id: BatchId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#settle(
      entry,
      entry.batch.tasks.flatMap((task, index) => (isOpen(task) ? [index] : [])),
    );
    this.#entries.delete(id);
    this.deadlines.forget(id);
  }

  /** An unfinished batch, or one that was finished here not long ago. */
  get(id: BatchId): BatchDocument | undefined {
    const restorable = this.lookup(id);
    return this.#entries.has(id) || (restorable !== undefined && isTerminal(restorable))
      ? restorable
      : undefined;
  }

  /** Returns the batches that would be restored into an emptied table; outdated perhaps, if another coordinator accepted the batch. */
  lookup(id: BatchId): BatchDocument | undefined {
    return this.#entries.get(id)?.batch ?? this.#kept.get(id);
  }

  /** All batches that would be restored. */
  *held(): Generator<BatchDocument> {
    for (const { batch } of this.#entries.values()) yield batch;
    for (const batch of this.#kept.batches()) if (!this.#entries.has(batch.id)) yield batch;
  }

  /** Keeps a batch for which a terminal state, or a link, was written here, or which was found at the start. */
  cacheFinished(batch: BatchDocument): void {
    if (!this.#entries.has(batch.id)) this.#kept.put(batch);
  }

  async stored(id: BatchId): Promise<void> {
    await this.#entries.get(id)?.stored;
  }

  /** Takes over what the store is known to hold, and informs whoever waits for it. */
  update(batch: BatchDocument): void {
    const entry = this.#entries.get(batch.id);
    if (entry === undefined) return;
    entry.updatedAt = this.#clock.monotonic();
    // In a table that was emptied a batch may have been finished at an earlier revision.
    if (batch.rev < entry.batch.rev && !isTerminal(batch)) return;
    // Another coordinator that knew less may have restored it: what is terminal here will be written again.
    if (batch.tasks.some((task, index) => isOpen(task) && !isOpen(entry.batch.tasks[index]))) return;
    const newlyTerminal = batch.tasks.flatMap((task, index) =>
      isOpen(entry.batch.tasks[index]) && !isOpen(task) ? [index] : [],
    );
    entry.batch = batch;
    this.#settle(entry, newlyTerminal);
    if (isTerminal(batch)) {
      this.#entries.delete(batch.id);
      this.deadlines.forget(batch.id);
      this.#kept.put(batch);
    }
    if (newlyTerminal.length > 0)
      for (const listener of this.#terminalListeners) listener(batch, newlyTerminal);
    for (const listener of entry.listeners) listener(batch);
  }

  /** Calls with every later document of the batch; returns the way to stop. Does nothing if the batch is not known. */
  listen(id: BatchId, listener: Listener): () => void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return () => undefined;
    entry.listeners.add(listener);
    return () => {
      entry.listeners.delete(listener);
      if (entry.accepted || entry.listeners.size > 0 || this.#entries.get(id) !== entry) return;
      this.#entries.delete(id);
      this.#kept.put(entry.batch); // whoever accepted it may be gone
    };
  }

  /**
   * Batches that were neither read nor written for `staleMs`, those with waiting clients first. Each counts as read now,
   * so that the others have their turn next.
   */
  takeStalest(staleMs: number, limit: number): BatchId[] {
    const nowMs = this.#clock.monotonic();
    const stale = [...this.#entries.values()]
      .filter((entry) => entry.updatedAt <= nowMs - staleMs)
      .sort((a, b) => turnOf(a) - turnOf(b))
      .slice(0, limit);
    for (const entry of stale) entry.updatedAt = nowMs;
    return stale.map((entry) => entry.batch.id);
  }

  /** Every unfinished batch that was accepted here. */
  *acceptedBatches(): Iterable<BatchDocument> {
    for (const entry of this.#entries.values()) if (entry.accepted) yield entry.batch;
  }

  #nowForAll({ inputs }: BatchDocument): readonly number[] {
    const nowMs = this.#clock.monotonic();
    return inputs.map(() => nowMs);
  }

  #add(
    batch: BatchDocument,
    stored: Promise<unknown>,
    accepted: boolean,
    bytes: readonly number[] = [],
  ): void {
    const updatedAt = this.#clock.monotonic();
    this.#entries.set(batch.id, { batch, stored, accepted, bytes, updatedAt, listeners: new Set() });
  }

  #settle({ accepted, bytes }: Entry, taskIndexes: readonly number[]): void {
    if (!accepted) return;
    this.#outstanding -= taskIndexes.length;
    invariant(this.#outstanding >= 0, 'more tasks were settled than were accepted');
    this.#outstandingBytes -= sumOf(taskIndexes.map((taskIndex) => bytes[taskIndex] ?? 0));
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function turnOf({ updatedAt, listeners }: Entry): number {
  return listeners.size > 0 ? updatedAt - HEAD_START_MS : updatedAt;
}
