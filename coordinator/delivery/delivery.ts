/**
 * One delivery of a batch: invoke its open tasks, commit what came of it, and settle the message.
 *
 *     opened ─> invoking ─> committed ─┬─> every task final: message deleted
 *                 ^   (in groups)  │   └─> tasks left: message comes back, by its timeout or after a back-off
 *                 └────────────────┘
 *
 * A delivery that lasts longer than a second is also written while it runs. An answer that comes after its invoke's
 * time was up is committed like any other; as long as a worker is still at it, the message is not brought back.
 */
import { isTerminal, isOpen, openTaskIndexes } from '../../contracts/batch/batch-state.js';
import { commitDelivery, type UncommittedOutcome } from '../batch/commit-delivery.js';
import type { MessageReturn } from '../../contracts/batch/delivery-cause.js';
import { findCause } from '../batch/find-cause.js';
import {
  withUniqueKey,
  isSuspect,
  lastFailedWorkers,
  needsIsolation,
  withLostDeliveries,
} from '../batch/delivery-history.js';
import {
  deliveryKey,
  type BatchDocument,
  type DeliveryRecord,
  type InvokeRecord,
} from '../../contracts/batch/batch.js';
import type { ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { messageOf } from '../../contracts/common/text.js';
import { pause, repeat } from '../async/repeat.js';
import { rewriteBatch } from '../ledger/rewrite-batch.js';
import type { Span } from '../../contracts/system/tracing.js';
import { within } from '../tracing/traces.js';
import type { DispatchContext } from './dispatch-context.js';
import { invokeTasks, type InvokeResult } from './invoke-tasks.js';
import { workInLanes } from './lanes.js';
import { messageReturn } from './message-return.js';
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
  #news: UncommittedOutcome[] = [];
  /** Exchanges that outlasted their time and are open still, and the worker of each. */
  readonly #overdue = new Map<Promise<void>, string>();
  #reservations = 1;
  #cancelStart: () => void = () => undefined;
  #startWritten: Promise<unknown> = Promise.resolve();
  #committing: Promise<unknown> = Promise.resolve();

  /** Owns one reserved slot from here on. */
  constructor(
    context: DispatchContext,
    received: Pick<ReceivedMessage, 'messageId' | 'receiveCount' | 'traceparent'> & { readonly send: number },
    original: BatchDocument,
    batch: BatchDocument,
  ) {
    this.#context = context;
    this.#original = original;
    this.#batch = batch;
    const nowMs = context.clock.now();
    const { messageId, receiveCount, send } = received;
    const receive = { messageId, receiveCount, ...(send === 1 ? {} : { send }) };
    const slots = openTaskIndexes(batch);
    this.#before = withLostDeliveries(batch, receive, { nowMs, ...context.durations });
    this.#record = withUniqueKey(this.#before.deliveries, {
      ...receive,
      number: this.#before.deliveryCount + 1,
      cause: findCause(this.#before, receive, slots),
      coordinatorId: context.options.coordinatorId,
      taskIndexes: slots,
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

  /** How its message is to come back, where tasks are left. */
  get returnedBy(): MessageReturn {
    return this.#record.returnedBy ?? 'visibility_timeout';
  }

  /** As last read or written. */
  get batch(): BatchDocument {
    return this.#batch;
  }

  get hasOverdueExchanges(): boolean {
    return this.#overdue.size > 0;
  }

  /** Whether a worker says that it still has in hand what was to be answered by now. */
  get isComputed(): boolean {
    return [...this.#overdue.values()].some((id) => this.#context.registry.isComputing(id, this.#batch.id));
  }

  /** Resolves when no exchange is open any more, and all that they brought is committed. */
  async overdueExchangesEnded(): Promise<void> {
    while (this.#overdue.size > 0) await Promise.all(this.#overdue.keys());
  }

  /** Enters that the message will come back by its timeout after all: the queue did not take the back-off. */
  async enterNoBackoff(): Promise<void> {
    this.#record = { ...this.#record, returnedBy: 'visibility_timeout' };
    await this.#commit();
  }

  /** @returns the batch as the delivery left it. @throws StackUnavailableError only while stopping */
  async run(): Promise<BatchDocument> {
    this.#recordStartIn(RECORD_START_AFTER_MS);
    try {
      await this.#invokeAll();
      this.#releaseReservations(this.#reservations);
      this.#record = {
        ...this.#record,
        endedAtMs: this.#context.clock.now(),
        returnedBy: messageReturn(this.#context.options.redelivery, this.#record, this.#news),
      };
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
    this.#record = { ...this.#record, endedAtMs, invokes, returnedBy: 'backoff' };
    await this.#commit();
    tellDeliveryEnded(this.#context, this.#batch, this.#record);
  }

  #endSpan(): void {
    const { outcome = 'released' } = this.#record;
    this.#span?.set({ 'boomerang.outcome': outcome });
    if (outcome === 'failed') this.#span?.fail('not every task was answered');
    this.#span?.end();
  }

  /** All open tasks at once; or, where the batch keeps failing, each alone, and suspects last, one at a time. */
  async #invokeAll(): Promise<void> {
    const { taskIndexes: slots } = this.#record;
    const suspects = slots.filter((slot) => isSuspect(this.#before, slot));
    const others = slots.filter((slot) => !suspects.includes(slot));
    const avoid = new Set(lastFailedWorkers(this.#before));
    if (others.length > 1 && needsIsolation(this.#before)) await this.#invokeAlone(others, avoid);
    else if (others.length > 0) await this.#invokeTogether(others, avoid, WAIT_FOR_A_WORKER_MS);
    if (suspects.length > 0 && (await this.#mayTrySuspects(others)))
      await this.#invokeSuspects(suspects, avoid);
  }

  /**
   * When all others are answered: what failed must not wait for its next delivery until every suspect had its turn. Every
   * other delivery in any case, or a neighbour that never succeeds would keep them from being tried at all.
   */
  async #mayTrySuspects(others: readonly number[]): Promise<boolean> {
    await this.#commitWhatIsNew();
    return this.#record.number % 2 === 0 || !others.some((slot) => isOpen(this.#batch.tasks[slot]));
  }

  /** @param patienceMs how long to wait, all in all, for a worker when none can be reached */
  async #invokeTogether(slots: readonly number[], avoid: Set<string>, patienceMs: number): Promise<void> {
    let patienceLeftMs = patienceMs;
    while (!(await this.#invoke(slots, avoid, new Set(), this.#record.taskIndexes.length > slots.length))) {
      if (patienceLeftMs <= 0) return;
      patienceLeftMs -= await this.#waitForWorker(patienceLeftMs);
    }
  }

  /** As many at a time as slots can be had, never two at one worker; what has been answered is committed meanwhile. */
  async #invokeAlone(slots: readonly number[], avoid: Set<string>): Promise<void> {
    const { clock, registry } = this.#context;
    const taken = new Set<string>();
    let patienceLeftMs = WAIT_FOR_WORKERS_ALONE_MS;
    const stopWanting = this.#context.slots.want(Math.max(0, registry.upCount() - 1));
    try {
      await workInLanes(this.#failedLast(slots), {
        open: (lanes) => lanes < registry.upCount() && this.#reserveMore(1) === 1,
        close: () => this.#releaseReservations(1),
        everySoOften: (look) =>
          repeat(clock, LOOK_FOR_A_WORKER_MS, () => {
            look();
            return Promise.resolve();
          }),
        work: async (slot) => {
          if (!isOpen(this.#batch.tasks[slot])) return true;
          if (!(await this.#invoke([slot], avoid, taken, true))) return false;
          await this.#commitWhatIsNew();
          return true;
        },
        wait: async () => {
          if (patienceLeftMs <= 0) return false;
          patienceLeftMs -= await this.#waitForWorker(patienceLeftMs);
          return true;
        },
      });
    } finally {
      stopWanting();
    }
  }

  /** Each in its turn among all batches, so that they take one worker at a time and leave the others to the rest. */
  async #invokeSuspects(slots: readonly number[], avoid: Set<string>): Promise<void> {
    const { suspects, stopping } = this.#context;
    for (const slot of this.#failedLast(slots)) {
      this.#releaseReservations(this.#reservations);
      await suspects.take(async () => {
        if (!isOpen(this.#batch.tasks[slot]) || !(await this.#reserveOne())) return;
        await this.#invokeTogether([slot], avoid, WAIT_FOR_A_WORKER_MS);
        await this.#commitWhatIsNew();
      }, stopping);
    }
  }

  /** The receiver would take every slot that is free for its next poll: it has to leave one. */
  async #reserveOne(): Promise<boolean> {
    const stopWanting = this.#context.slots.want(1);
    try {
      for (let leftMs = WAIT_FOR_WORKERS_ALONE_MS; this.#reserveMore(1) === 0;) {
        if (leftMs <= 0) return false;
        leftMs -= Math.max(LOOK_FOR_A_WORKER_MS, await this.#waitForWorker(leftMs));
      }
      return true;
    } finally {
      stopWanting();
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

  /** Those that failed alone go last, and those that ended a worker after them. */
  #failedLast(slots: readonly number[]): readonly number[] {
    const rank = (slot: number) => {
      const state = this.#batch.tasks[slot];
      return isOpen(state) ? ([state.workerDeaths ?? 0, state.failedAlone] as const) : ([0, 0] as const);
    };
    return slots.toSorted((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
  }

  /** @returns whether a worker was reached */
  async #invoke(
    slots: readonly number[],
    avoid: Set<string>,
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
      onTimeUp: (workerId, late) => this.#awaitLate(index, workerId, late),
    });
    if (result === undefined) {
      this.#markUntried(index);
      return false;
    }
    const { workerId, error } = result.record;
    taken.delete(workerId);
    if (error !== undefined) avoid.add(workerId);
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

  #awaitLate(index: number, workerId: string, late: Promise<InvokeResult | undefined>): void {
    const ended = late
      .then(async (result) => {
        if (result === undefined) return;
        this.#enter(index, result);
        await this.#commit();
      })
      .catch((error: unknown) => {
        this.#context.logger.warn({ batchId: this.#batch.id, error: messageOf(error) }, 'late.uncommitted');
      })
      .finally(() => this.#overdue.delete(ended));
    this.#overdue.set(ended, workerId);
  }

  /** One write takes in what came while the one before was under way. */
  async #commitWhatIsNew(): Promise<void> {
    const slot = this.#reservations > 0 ? 'holding-slot' : 'no-slot';
    await this.#commit(slot, () => this.#news.length > 0);
  }

  /** One commit after the other: each builds on the record that the one before wrote. */
  async #commit(
    slot: 'holding-slot' | 'no-slot' = 'no-slot',
    isWorthIt: () => boolean = () => true,
  ): Promise<void> {
    const commit = async () => {
      if (!isWorthIt()) return;
      await within(this.#context.traces?.commit(this.#span?.traceparent), () => this.#commitNews(slot));
    };
    const committing = this.#committing.catch(() => undefined).then(commit);
    this.#committing = committing;
    await committing;
  }

  async #commitNews(slot: 'holding-slot' | 'no-slot'): Promise<void> {
    const { gate, stopping, durations, ledger } = this.#context;
    await this.#startWritten;
    await ledger.stored(this.#batch.id).catch(() => undefined);
    const news = [...this.#news];
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
    this.#adoptWritten(written.deliveries[deliveryKey(withUniqueKey(written.deliveries, record))]);
  }

  /** Takes over key, number and outcomes that were written; invokes that went on meanwhile stay as they are here. */
  #adoptWritten(written: DeliveryRecord | undefined): void {
    if (written === undefined) return;
    const invokes = this.#record.invokes.map((invoke, index) => {
      const unwritten = this.#news.some((item) => item.index === index);
      return unwritten ? invoke : (written.invokes[index] ?? invoke);
    });
    this.#record = { ...this.#record, number: written.number, invokes, ...duplicateAndOutcomeOf(written) };
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
    if (isTerminal(this.#batch)) return;
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
    this.#context.ledger.update({ ...held, deliveries });
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

function duplicateAndOutcomeOf({
  duplicate,
  outcome,
}: DeliveryRecord): Pick<DeliveryRecord, 'duplicate' | 'outcome'> {
  return { ...(duplicate === undefined ? {} : { duplicate }), ...(outcome === undefined ? {} : { outcome }) };
}
