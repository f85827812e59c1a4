/** Queue and tables in memory, on the ports: for tests of the coordinator alone. Each call can be made to fail. */
import type { BatchDocument, DeliveryRecord } from '../../contracts/batch/batch.js';
import { deliveryKey } from '../../contracts/batch/batch.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { BatchMessage } from '../../contracts/batch/message.js';
import type { BatchQueue, ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import type { BatchStore, IndexEntry, IndexPage } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type {
  IdempotencyRecord,
  KeyStore,
  MarkerStore,
  StatsStore,
  WorkerStore,
} from '../../contracts/stack/stores.js';
import type { StatsRow } from '../../contracts/stats/stats.js';
import { asciiJson } from '../../contracts/common/text.js';
import type { WorkerRecord } from '../../contracts/worker/worker.js';

/** The failures of the next calls of an operation: the effect is lost, or only the reply is. */
export type CallFailure = 'effect-lost' | 'reply-lost';

export class PlannedFailures {
  readonly #planned = new Map<string, CallFailure[]>();

  plan(operation: string, ...failures: CallFailure[]): void {
    this.#planned.set(operation, [...(this.#planned.get(operation) ?? []), ...failures]);
  }

  clear(operation: string): void {
    this.#planned.delete(operation);
  }

  async run<T>(operation: string, effect: () => T): Promise<T> {
    await Promise.resolve();
    const failure = this.#planned.get(operation)?.shift();
    if (failure === 'effect-lost') throw new StackUnavailableError(operation, new Error('planned'));
    const result = effect();
    if (failure === 'reply-lost') throw new StackUnavailableError(operation, new Error('planned'));
    return result;
  }
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly traceparent: string | undefined;
  receiveCount: number;
  visibleAt: number;
  handle: string;
}

export class MemoryQueue implements BatchQueue {
  readonly #maxReceiveCount: number;
  readonly #deadLetters: MemoryQueue | undefined;
  readonly failures = new PlannedFailures();
  readonly #clock: Clock;
  readonly #visibilityTimeoutMs: number;
  messages: Message[] = [];
  created = 1;
  depthReads = 0;
  createdReads = 0;
  /** The largest `max` that was asked for while fewer slots were free is for tests to judge: all are kept. */
  readonly received: { readonly max: number; readonly brought: number }[] = [];
  readonly visibilityChanges: { readonly handle: string; readonly seconds: number }[] = [];
  #wake: (() => void)[] = [];
  #serial = 0;

  /** Without `maxReceiveCount` a queue whose messages are handed out for ever: the dead-letter queue itself. */
  constructor(clock: Clock, visibilityTimeoutMs: number, maxReceiveCount = Infinity) {
    this.#clock = clock;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
    this.#maxReceiveCount = maxReceiveCount;
    this.#deadLetters =
      maxReceiveCount === Infinity ? undefined : new MemoryQueue(clock, visibilityTimeoutMs);
  }

  get deadLetters(): MemoryQueue {
    return this.#deadLetters ?? this;
  }

  send(message: BatchMessage, traceparent?: string): Promise<void> {
    return this.failures.run('send', () => this.put(asciiJson(message), traceparent));
  }

  createdAt(): Promise<string> {
    return this.failures.run('createdAt', () => {
      this.createdReads += 1;
      return String(this.created);
    });
  }

  /** Another queue under the same name, without the messages of this one. */
  recreate(): void {
    this.messages = [];
    this.created += 1;
  }

  put(body: string, traceparent?: string): void {
    this.#serial += 1;
    const id = `m${this.#serial}`;
    this.messages.push({ id, body, traceparent, receiveCount: 0, visibleAt: 0, handle: '' });
    for (const wake of this.#wake.splice(0)) wake();
  }

  async receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    const until = this.#clock.monotonic() + waitSeconds * 1000;
    for (;;) {
      const taken = await this.failures.run('receive', () => this.#take(max));
      const left = until - this.#clock.monotonic();
      if (taken.length > 0 || left <= 0) {
        this.received.push({ max, brought: taken.length });
        return taken;
      }
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.timer(Math.min(left, 10), resolve);
        this.#wake.push(() => {
          cancel();
          resolve();
        });
      });
    }
  }

  changeVisibility(handle: string, seconds: number, _withinMs?: number): Promise<void> {
    return this.failures.run('changeVisibility', () => {
      this.visibilityChanges.push({ handle, seconds });
      const message = this.messages.find((candidate) => candidate.handle === handle);
      if (message !== undefined) message.visibleAt = this.#clock.monotonic() + seconds * 1000;
    });
  }

  deleteMany(handles: readonly string[]): Promise<readonly string[]> {
    return this.failures.run('deleteMany', () => {
      this.messages = this.messages.filter((message) => !handles.includes(message.handle));
      return [];
    });
  }

  depth() {
    return this.failures.run('depth', () => {
      this.depthReads += 1;
      const now = this.#clock.monotonic();
      const visible = this.messages.filter((message) => message.visibleAt <= now).length;
      return { visible, inFlight: this.messages.length - visible, delayed: 0 };
    });
  }

  #take(max: number): ReceivedMessage[] {
    const now = this.#clock.monotonic();
    this.#moveDeadLetters(now);
    return this.messages
      .filter((message) => message.visibleAt <= now)
      .slice(0, max)
      .map((message) => {
        message.receiveCount += 1;
        message.visibleAt = now + this.#visibilityTimeoutMs;
        message.handle = `${message.id}#${message.receiveCount}`;
        const { id: messageId, handle: receiptHandle, receiveCount, body, traceparent } = message;
        const trace = traceparent === undefined ? {} : { traceparent };
        return { messageId, receiptHandle, receiveCount, body, ...trace };
      });
  }

  #moveDeadLetters(now: number): void {
    const dead = this.messages.filter(
      ({ visibleAt, receiveCount }) => visibleAt <= now && receiveCount >= this.#maxReceiveCount,
    );
    this.messages = this.messages.filter((message) => !dead.includes(message));
    for (const { body } of dead) this.deadLetters.put(body);
  }
}

export class MemoryBatchStore implements BatchStore {
  readonly failures = new PlannedFailures();
  readonly items = new Map<string, BatchDocument>();
  /** Every document that ever stood, in order: what a check of "a final state never changes" reads. */
  readonly versions: BatchDocument[] = [];
  reads = 0;

  create(batch: BatchDocument): Promise<BatchDocument | 'created'> {
    return this.failures.run('create', () => {
      const there = this.items.get(batch.id);
      if (there !== undefined) return there;
      this.#put(batch);
      return 'created';
    });
  }

  read(id: string): Promise<BatchDocument | undefined> {
    this.reads += 1;
    return this.failures.run('read', () => this.items.get(id));
  }

  readMany(ids: readonly string[]): Promise<readonly BatchDocument[]> {
    if (ids.length > 100)
      return Promise.reject(new RangeError(`DynamoDB refuses ${ids.length} keys at once`));
    return this.failures.run('readMany', () => ids.flatMap((id) => this.items.get(id) ?? []));
  }

  replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    return this.failures.run('replace', () => {
      const there = this.items.get(previous.id);
      if (there?.rev !== previous.rev) return 'conflict';
      const gone = Object.keys(previous.deliveries).filter((key) => !(key in next.deliveries));
      const changed = Object.entries(next.deliveries).filter(
        ([key, entry]) => previous.deliveries[key] !== entry,
      );
      const kept = Object.entries(there.deliveries).filter(([key]) => !gone.includes(key));
      this.#put({ ...next, deliveries: Object.fromEntries([...kept, ...changed]) });
      return 'written';
    });
  }

  recordStart(
    id: string,
    readRev: number,
    delivery: DeliveryRecord,
    dueAtMs: number,
  ): Promise<'written' | 'conflict'> {
    return this.failures.run('recordStart', () => {
      const there = this.items.get(id);
      if (there?.rev !== readRev) return 'conflict';
      this.#put({
        ...there,
        dueAtMs,
        deliveries: { ...there.deliveries, [deliveryKey(delivery)]: delivery },
      });
      return 'written';
    });
  }

  listByTime(hour: number, beforeMs: number, limit: number): Promise<IndexPage> {
    const inHour = (atMs: number) => Math.floor(atMs / 3_600_000) === hour && atMs < beforeMs;
    return this.#page(limit, (batch) => (inHour(batch.createdAtMs) ? batch.createdAtMs : undefined));
  }

  listOpen(limit: number): Promise<IndexPage> {
    return this.#page(limit, (batch) => batch.dueAtMs, 1);
  }

  listAttention(beforeMs: number, limit: number): Promise<IndexPage> {
    return this.#page(limit, ({ attentionAtMs = Infinity }) =>
      attentionAtMs < beforeMs ? attentionAtMs : undefined,
    );
  }

  #page(limit: number, atOf: (batch: BatchDocument) => number | undefined, order = -1): Promise<IndexPage> {
    return this.failures.run('list', () => {
      const entries = [...this.items.values()].flatMap((batch): IndexEntry[] => {
        const atMs = atOf(batch);
        return atMs === undefined ? [] : [{ id: batch.id, atMs }];
      });
      entries.sort((a, b) => order * (a.atMs - b.atMs || (a.id < b.id ? -1 : 1)));
      return { entries: entries.slice(0, limit), more: entries.length > limit };
    });
  }

  #put(batch: BatchDocument): void {
    this.items.set(batch.id, batch);
    this.versions.push(batch);
  }
}

export class MemoryKeyStore implements KeyStore {
  readonly failures = new PlannedFailures();
  readonly records = new Map<string, IdempotencyRecord>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(key: string): Promise<IdempotencyRecord | undefined> {
    return this.failures.run('read', () => this.#unexpired(key));
  }

  readMany(keys: readonly string[]): Promise<readonly IdempotencyRecord[]> {
    return this.failures.run('readMany', () => keys.flatMap((key) => this.#unexpired(key) ?? []));
  }

  create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'> {
    return this.failures.run('create', () => {
      const there = this.#unexpired(record.key);
      if (there !== undefined) return there;
      this.records.set(record.key, record);
      return 'created';
    });
  }

  #unexpired(key: string): IdempotencyRecord | undefined {
    const record = this.records.get(key);
    return record !== undefined && record.expiresAtMs > this.#clock.now() ? record : undefined;
  }
}

export class MemoryMarkerStore implements MarkerStore {
  readonly failures = new PlannedFailures();
  id: string | undefined;

  read(): Promise<string | undefined> {
    return this.failures.run('read', () => this.id);
  }

  create(id: string): Promise<string> {
    return this.failures.run('create', () => (this.id ??= id));
  }
}

export class MemoryWorkerStore implements WorkerStore {
  readonly failures = new PlannedFailures();
  readonly records = new Map<string, WorkerRecord>();

  put(worker: WorkerRecord): Promise<void> {
    return this.failures.run('put', () => void this.records.set(worker.id, worker));
  }

  list(): Promise<readonly WorkerRecord[]> {
    return this.failures.run('list', () => [...this.records.values()]);
  }
}

export class MemoryStatsStore implements StatsStore {
  readonly rows: StatsRow[] = [];

  put(row: StatsRow): Promise<void> {
    this.rows.push(row);
    return Promise.resolve();
  }

  range(fromMs: number, toMs: number): Promise<readonly StatsRow[]> {
    return Promise.resolve(this.rows.filter(({ second }) => second * 1000 >= fromMs && second * 1000 < toMs));
  }
}
