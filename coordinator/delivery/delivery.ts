/**
 * One delivery of a batch: invoke its open tasks, commit what came of it, and settle the message.
 *
 *     opened ─> invoking ─> committed ─┬─> every task final: message deleted
 *                 ^   (in groups)  │   └─> tasks left: message comes back, at once or after a back-off
 *                 └────────────────┘
 *
 * A delivery that lasts longer than a second is also written while it runs. An answer that comes after its invoke's
 * time was up is committed like any other.
 */
import { isFinished, isOpen, openSlots } from '../../contracts/batch-state.js';
import { commitDelivery, type InvokeNews } from '../../contracts/commit-delivery.js';
import {
  asEntered,
  lastFailedWorkers,
  needsIsolation,
  withLostDeliveries,
} from '../../contracts/delivery-history.js';
import {
  deliveryKey,
  type BatchDocument,
  type DeliveryRecord,
  type InvokeRecord,
} from '../../contracts/batch.js';
import type { ReceivedMessage } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { pause } from '../repeat.js';
import { rewriteBatch } from '../tasks/rewrite-batch.js';
import type { Span } from '../../contracts/tracing.js';
import { within } from '../tracing/traces.js';
import type { DispatchContext } from './dispatch-context.js';
import { invokeTasks, type InvokeResult } from './invoke-tasks.js';
import { persistWithoutSlot } from './persist-without-slot.js';
import { tellDeliveriesLost, tellDeliveryEnded, tellDeliveryStarted } from './tell-delivery.js';

const RECORD_START_AFTER_MS = 1000;
/** All in all, of a delivery: giving the message back at once would use up its receives while workers come back. */
const WAIT_FOR_A_WORKER_MS = 10_000;
/** A poisonous text takes its worker with it, and its neighbours must be tried all the same. */
const WAIT_FOR_WORKERS_ALONE_MS = 30_000;
const LOOK_FOR_A_WORKER_MS = 100;

export class Delivery {
  readonly #context: DispatchContext;
  /** What the message said: what the store must hold at least. */
  readonly #original: BatchDocument;
  readonly #span: Span | undefined;
  /** The batch with what came before this delivery entered, lost deliveries included. */
  readonly #before: BatchDocument;
  /** As last read or written. */
  #batch: BatchDocument;
  #record: DeliveryRecord;
  /** What the store has not been told of yet. */
  #news: InvokeNews[] = [];
  #reservations = 1;
  #cancelStart: () => void = () => undefined;
  #startWritten: Promise<unknown> = Promise.resolve();
  #committing: Promise<unknown> = Promise.resolve();

  /** Owns one reserved slot from here on. */
  constructor(
    context: DispatchContext,
    received: Pick<ReceivedMessage, 'messageId' | 'receiveCount' | 'traceparent'>,
    original: BatchDocument,
    batch: BatchDocument,
  ) {
    this.#context = context;
    this.#original = original;
    this.#batch = batch;
    const nowMs = context.clock.now();
    this.#before = withLostDeliveries(batch, received, { nowMs, ...context.durations });
    this.#record = asEntered(this.#before.deliveries, {
      messageId: received.messageId,
      receiveCount: received.receiveCount,
      number: this.#before.deliveryCount + 1,
      coordinatorId: context.options.coordinatorId,
      slots: openSlots(batch),
      startedAtMs: nowMs,
      invokes: [],
    });
    this.#span = context.traces?.deliver(batch, this.#record.number, received.traceparent);
  }

  get number(): number {
    return this.#record.number;
  }

  /** No worker could be reached: nothing was tried. */
  get wasReleased(): boolean {
    return this.#record.outcome === 'released';
  }

  /** @returns the batch as the delivery left it. @throws StackUnavailableError only while stopping */
  async run(): Promise<BatchDocument> {
    this.#recordStartIn(RECORD_START_AFTER_MS);
    try {
      await this.#invokeAll();
      this.#record = { ...this.#record, endedAtMs: this.#context.clock.now() };
      this.#cancelStart();
      await this.#commit();
      tellDeliveryEnded(this.#context, this.#batch, this.#record);
      return this.#batch;
    } finally {
      this.#cancelStart();
      this.#endSpan();
      this.#releaseReservations(this.#reservations);
    }
  }

  /** Enters that it is given back before its end: not tried to the end, but not lost either. */
  async release(): Promise<void> {
    if (this.#record.endedAtMs !== undefined) return;
    const endedAtMs = this.#context.clock.now();
    const invokes = this.#record.invokes.map((invoke) =>
      invoke.endedAtMs === undefined ? { ...invoke, endedAtMs, outcome: 'released' as const } : invoke,
    );
    this.#record = { ...this.#record, endedAtMs, invokes };
    await this.#commit();
    tellDeliveryEnded(this.#context, this.#batch, this.#record);
  }

  #endSpan(): void {
    const { outcome = 'released' } = this.#record;
    this.#span?.set({ 'boomerang.outcome': outcome });
    if (outcome === 'failed') this.#span?.fail('not every task was answered');
    this.#span?.end();
  }

  /** All open tasks at once; or, where the batch keeps failing, each alone, as many at a time as slots are free. */
  async #invokeAll(): Promise<void> {
    const alone = needsIsolation(this.#before) && this.#record.slots.length > 1;
    const groups = alone ? this.#oneByOne() : [this.#record.slots];
    const avoid = lastFailedWorkers(this.#before);
    const stopWanting = this.#context.slots.want(
      alone ? Math.max(0, this.#context.registry.upCount() - 1) : 0,
    );
    try {
      await this.#invokeGroups(groups, avoid, alone ? WAIT_FOR_WORKERS_ALONE_MS : WAIT_FOR_A_WORKER_MS);
    } finally {
      stopWanting();
    }
  }

  /**
   * In rounds, each as wide as slots can be had; what a round brought is committed before the next.
   * @param patienceMs how long to wait, all in all, for a worker when none can be reached
   */
  async #invokeGroups(
    groups: readonly (readonly number[])[],
    avoid: ReadonlySet<string>,
    patienceMs: number,
  ): Promise<void> {
    let patienceLeftMs = patienceMs;
    for (let rest = groups; rest.length > 0; rest = this.#stillOpen(rest)) {
      const lanes = 1 + this.#reserveMore(Math.min(rest.length, this.#context.registry.upCount()) - 1);
      const round = rest.slice(0, lanes);
      const taken = new Set<string>();
      const isLast = rest.length === 1;
      const reached = await Promise.all(
        round.map((slots, lane) => this.#invoke(slots, avoid, taken, lane === 0 && !isLast)),
      );
      rest = [...round.filter((_, lane) => reached[lane] === false), ...rest.slice(lanes)];
      if (rest.length === 0) return;
      this.#releaseReservations(this.#reservations - 1);
      if (reached.includes(true)) {
        await this.#commit('holding-slot');
      } else {
        if (patienceLeftMs <= 0) return;
        patienceLeftMs -= await this.#waitForWorker(patienceLeftMs);
      }
    }
  }

  /** @returns the milliseconds it took until a worker had a free slot, or all that were given */
  async #waitForWorker(atMostMs: number): Promise<number> {
    const { clock, registry, stopping } = this.#context;
    const from = clock.monotonic();
    do {
      await pause(clock, LOOK_FOR_A_WORKER_MS, stopping);
      if (stopping.aborted) return atMostMs;
    } while (registry.withFreeSlot().length === 0 && clock.monotonic() - from < atMostMs);
    return clock.monotonic() - from;
  }

  /** Those that already failed alone go last. */
  #oneByOne(): (readonly number[])[] {
    const failures = (slot: number) => {
      const state = this.#batch.slots[slot];
      return isOpen(state) ? state.failedAlone : 0;
    };
    return this.#record.slots.toSorted((a, b) => failures(a) - failures(b)).map((slot) => [slot]);
  }

  #stillOpen(groups: readonly (readonly number[])[]): (readonly number[])[] {
    return groups.filter((slots) => slots.some((slot) => isOpen(this.#batch.slots[slot])));
  }

  /** @returns whether a worker was reached */
  async #invoke(
    slots: readonly number[],
    avoid: ReadonlySet<string>,
    taken: Set<string>,
    keepReservation: boolean,
  ): Promise<boolean> {
    let index = -1;
    const result = await invokeTasks(this.#context, this.#context.options, {
      batch: this.#batch,
      delivery: this.#record.number,
      slots,
      avoid,
      taken,
      keepReservation,
      traceparent: this.#span?.traceparent,
      onStart: (invoke) => {
        if (index === -1) index = this.#record.invokes.length;
        this.#setInvoke(index, invoke);
        tellDeliveryStarted(this.#context, this.#batch, this.#record, invoke);
      },
      onLateAnswer: (late) => this.#commitLate(index, late),
    });
    if (result === undefined) {
      this.#markUntried(index);
      return false;
    }
    this.#reservations -= keepReservation ? 0 : 1;
    this.#enter(index, result);
    return true;
  }

  /** An invoke keeps its place for good: others of the same round know theirs by number. */
  #setInvoke(index: number, invoke: InvokeRecord): void {
    const invokes = [...this.#record.invokes];
    invokes[index] = invoke;
    this.#record = { ...this.#record, invokes };
  }

  #markUntried(index: number): void {
    const invoke = this.#record.invokes[index];
    if (invoke === undefined) return;
    this.#setInvoke(index, { ...invoke, endedAtMs: this.#context.clock.now(), outcome: 'released' });
  }

  #enter(index: number, result: InvokeResult): void {
    this.#setInvoke(index, result.record);
    this.#news.push({ index, ...result.news });
  }

  #commitLate(index: number, result: InvokeResult): void {
    this.#enter(index, result);
    void this.#commit().catch((error: unknown) => {
      this.#context.logger.warn({ batchId: this.#batch.id, error: messageOf(error) }, 'late.uncommitted');
    });
  }

  /** One commit after the other: each builds on the record that the one before wrote. */
  async #commit(slot: 'holding-slot' | 'no-slot' = 'no-slot'): Promise<void> {
    const commit = () =>
      within(this.#context.traces?.commit(this.#span?.traceparent), () => this.#commitNews(slot));
    const committing = this.#committing.catch(() => undefined).then(commit);
    this.#committing = committing;
    await committing;
  }

  async #commitNews(slot: 'holding-slot' | 'no-slot'): Promise<void> {
    const { gate, stopping, durations, ledger } = this.#context;
    await this.#startWritten;
    await ledger.stored(this.#batch.id).catch(() => undefined);
    const news = this.#news;
    const record = this.#record;
    const writeId = this.#context.newWriteId();
    let late = 0;
    let lost: readonly number[] = [];
    const write = () =>
      rewriteBatch(
        this.#context,
        durations,
        {
          known: this.#batch,
          original: this.#original,
          change: (batch, move) => {
            const commit = commitDelivery(batch, record, news, move);
            late = commit.late.length;
            lost = commit.lost;
            return commit.next;
          },
        },
        writeId,
      );
    const written = await (slot === 'holding-slot'
      ? persistWithoutSlot(this.#context, write)
      : gate.persist(write, stopping));
    this.#context.stats.count('late', late);
    tellDeliveriesLost(this.#context, this.#batch, lost);
    this.#news = this.#news.filter((item) => !news.includes(item));
    if (written === undefined) return;
    this.#batch = written;
    this.#adoptWritten(written.deliveries[deliveryKey(asEntered(written.deliveries, record))]);
  }

  /** Takes over key, number and outcomes that were written; invokes that went on meanwhile stay as they are here. */
  #adoptWritten(written: DeliveryRecord | undefined): void {
    if (written === undefined) return;
    const invokes = this.#record.invokes.map((invoke, index) => {
      const unwritten = this.#news.some((item) => item.index === index);
      return unwritten ? invoke : (written.invokes[index] ?? invoke);
    });
    this.#record = { ...this.#record, number: written.number, invokes, ...copyAndOutcomeOf(written) };
  }

  /** And again as long as it runs: what nobody touches for two visibility timeouts is presumed lost. */
  #recordStartIn(ms: number): void {
    this.#cancelStart = this.#context.clock.timer(ms, () => {
      this.#startWritten = this.#startWritten.then(() => this.#recordStart());
      this.#recordStartIn(this.#context.durations.visibilityTimeoutMs);
    });
  }

  async #recordStart(): Promise<void> {
    const { batches, clock, options, logger } = this.#context;
    const nowMs = clock.now();
    if (isFinished(this.#batch)) return;
    const dueAtMs = nowMs + 2 * options.visibilityTimeoutMs;
    try {
      const result = await batches.recordStart(this.#batch.id, this.#batch.rev, this.#record, dueAtMs);
      if (result === 'written') this.#learnStart();
    } catch (error) {
      logger.debug({ batchId: this.#batch.id, error: messageOf(error) }, 'start.unrecorded');
    }
  }

  #learnStart(): void {
    const held = this.#context.ledger.get(this.#batch.id);
    if (held === undefined || held.rev !== this.#batch.rev) return;
    const deliveries = { ...held.deliveries, [deliveryKey(this.#record)]: this.#record };
    this.#context.ledger.learn({ ...held, deliveries });
  }

  #reserveMore(max: number): number {
    const reserved = max > 0 ? this.#context.slots.reserve(max) : 0;
    this.#reservations += reserved;
    return reserved;
  }

  #releaseReservations(count: number): void {
    if (count <= 0) return;
    this.#reservations -= count;
    this.#context.slots.release(count);
  }
}

function copyAndOutcomeOf({ copy, outcome }: DeliveryRecord): Pick<DeliveryRecord, 'copy' | 'outcome'> {
  return { ...(copy === undefined ? {} : { copy }), ...(outcome === undefined ? {} : { outcome }) };
}
