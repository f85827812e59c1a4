/**
 * What this coordinator knows of unfinished batches that it accepted or was asked for, and who waits for them; the
 * finished ones it keeps for a while. Not a source of truth: it only ever repeats what was read from or written to the
 * store, until the store is emptied.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { isTerminal, isOpen } from '../../contracts/batch/batch-state.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';
import { asciiJsonBytes } from '../../contracts/common/text.js';
import { FinishedBatchCache } from './finished-batch-cache.js';
import { Deadlines } from './deadlines.js';

type Listener = (batch: BatchDocument) => void;

/** Of batches with waiting clients when there are more than can be read: the others' turn comes all the same. */
const HEAD_START_MS = 10_000;

interface Entry {
  batch: BatchDocument;
  /** Resolves once the store holds the batch; rejects where the intake's write failed. */
  readonly stored: Promise<unknown>;
  /** Accepted here: its open tasks count as outstanding. */
  readonly accepted: boolean;
  /** Of the texts by taskIndex, as messages hold them; none where it was not accepted here. */
  readonly bytes: readonly number[];
  /** When something was last learnt of it, monotonic. */
  updatedAt: number;
  readonly listeners: Set<Listener>;
}

/** Slots that became final between two documents of one batch. */
export type TerminalListener = (batch: BatchDocument, closed: readonly number[]) => void;

export class Ledger {
  readonly deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #entries = new Map<BatchId, Entry>();
  readonly #kept: FinishedBatchCache;
  readonly #closedListeners: TerminalListener[] = [];
  #outstanding = 0;
  #outstandingBytes = 0;

  constructor(clock: Clock, kept = new FinishedBatchCache(clock)) {
    this.#clock = clock;
    this.#kept = kept;
    this.deadlines = new Deadlines(clock);
  }

  /** Tasks accepted here that are not final yet. */
  get outstandingTasks(): number {
    return this.#outstanding;
  }

  /** Of their texts, as messages hold them. */
  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  onTerminal(listener: TerminalListener): void {
    this.#closedListeners.push(listener);
  }

  /** @param admittedAt monotonic, of each task */
  accept(batch: BatchDocument, whenStored: Promise<unknown>, admittedAt = this.#nowForAll(batch)): void {
    this.deadlines.recordAdmission(batch, admittedAt);
    const bytes = batch.inputs.map(({ text }) => asciiJsonBytes(text));
    this.#outstanding += batch.tasks.length;
    this.#outstandingBytes += sumOf(bytes);
    this.#add(batch, whenStored, true, bytes);
  }

  /** Takes in an unfinished batch of another's that somebody here waits for, until nobody does. */
  adopt(batch: BatchDocument): void {
    if (!this.#entries.has(batch.id)) this.#add(batch, Promise.resolve(), false);
  }

  /** Forgets a batch that was never accepted after all. */
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

  /** What would be put back into an emptied table; of a batch that another coordinator accepted it may be old. */
  lookup(id: BatchId): BatchDocument | undefined {
    return this.#entries.get(id)?.batch ?? this.#kept.get(id);
  }

  /** All that would be put back. */
  *held(): Generator<BatchDocument> {
    for (const { batch } of this.#entries.values()) yield batch;
    for (const batch of this.#kept.batches()) if (!this.#entries.has(batch.id)) yield batch;
  }

  /** A final state of it was written here, or more of a finished one, such as a link; or it was found at the start. */
  cacheFinished(batch: BatchDocument): void {
    if (!this.#entries.has(batch.id)) this.#kept.put(batch);
  }

  async stored(id: BatchId): Promise<void> {
    await this.#entries.get(id)?.stored;
  }

  /** Repeats what the store is known to hold; settles whoever waits for it. */
  update(batch: BatchDocument): void {
    const entry = this.#entries.get(batch.id);
    if (entry === undefined) return;
    entry.updatedAt = this.#clock.monotonic();
    // In a table that was emptied a batch may have been finished at an earlier revision.
    if (batch.rev < entry.batch.rev && !isTerminal(batch)) return;
    // Or be put back by somebody who knew less of it: what is final here will be written again.
    if (batch.tasks.some((task, index) => isOpen(task) && !isOpen(entry.batch.tasks[index]))) return;
    const closed = batch.tasks.flatMap((task, index) =>
      isOpen(entry.batch.tasks[index]) && !isOpen(task) ? [index] : [],
    );
    entry.batch = batch;
    this.#settle(entry, closed);
    if (isTerminal(batch)) {
      this.#entries.delete(batch.id);
      this.deadlines.forget(batch.id);
      this.#kept.put(batch);
    }
    if (closed.length > 0) for (const listener of this.#closedListeners) listener(batch, closed);
    for (const listener of entry.listeners) listener(batch);
  }

  /** Calls with every later document of the batch; returns the way to stop. Nothing where it is not held. */
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
   * Batches of which nothing was heard for `quietMs`, those with waiting clients first, as long as that is fair. Each
   * waits its turn again then, whether there was anything to learn or not.
   */
  takeStalest(quietMs: number, limit: number): BatchId[] {
    const nowMs = this.#clock.monotonic();
    const quiet = [...this.#entries.values()]
      .filter((entry) => entry.updatedAt <= nowMs - quietMs)
      .sort((a, b) => turnOf(a) - turnOf(b))
      .slice(0, limit);
    for (const entry of quiet) entry.updatedAt = nowMs;
    return quiet.map((entry) => entry.batch.id);
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
    this.#outstandingBytes -= sumOf(taskIndexes.map((taskIndex) => bytes[taskIndex] ?? 0));
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function turnOf({ updatedAt, listeners }: Entry): number {
  return listeners.size > 0 ? updatedAt - HEAD_START_MS : updatedAt;
}
