import { describe, expect, it } from 'vitest';
import {
  deadLetter,
  linkRedriven,
  mergeKnown,
  messageOfBatch,
  withNewRevision,
  resend,
} from '../../../coordinator/batch/batch-life.js';
import { isOpen } from '../../../contracts/batch/batch-state.js';
import type { TaskOutcome } from '../../../coordinator/batch/commit-delivery.js';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import type { BatchMessage } from '../../../contracts/batch/message.js';
import type { IdempotencyRecord, KeyStore } from '../../../contracts/stack/stores.js';
import { taskIdOf } from '../../../contracts/batch/ids.js';
import { FinishedBatchCache } from '../../../coordinator/ledger/finished-batch-cache.js';
import { QueueProgress } from '../../../coordinator/recovery/queue-progress.js';
import { RememberedKeys } from '../../../coordinator/recovery/remembered-keys.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryKeyStore } from '../../support/memory-stack.js';
import {
  all,
  deliver,
  failed,
  moveAt,
  newBatch,
  succeeded,
  T0,
  VISIBILITY_MS,
} from '../batch/support/batch-moves.js';

const withoutOutcomes = (deliveries: BatchDocument['deliveries']) =>
  Object.fromEntries(
    Object.entries(deliveries).map(([key, delivery]) => [
      key,
      { ...delivery, invokes: delivery.invokes.map(({ outcome: _, ...invoke }) => invoke) },
    ]),
  );
const withId = (id: string) => ({ ...newBatch(), id });
const idsOf = (kept: FinishedBatchCache) => [...kept.batches()].map(({ id }) => id);

describe('FinishedBatchCache', () => {
  it('forgets what was kept long enough', () => {
    const clock = new ManualClock();
    const kept = new FinishedBatchCache(clock, { keepMs: 1000, maxBytes: Infinity });
    kept.put(withId('a'));
    clock.advance(600);
    kept.put(withId('b'));
    clock.advance(600);
    expect(idsOf(kept)).toEqual(['b']);
    expect(kept.get('a')).toBeUndefined();
  });

  it('drops the oldest when there is too much of it', () => {
    const kept = new FinishedBatchCache(new ManualClock(), { keepMs: Infinity, maxBytes: 6000 });
    for (const id of ['a', 'b', 'c', 'd']) kept.put(withId(id));
    expect(idsOf(kept)).toEqual(['c', 'd']);
  });

  it('keeps the latest document of a batch, and counts it once', () => {
    const kept = new FinishedBatchCache(new ManualClock(), { keepMs: Infinity, maxBytes: 6000 });
    for (let rev = 1; rev <= 10; rev++) kept.put({ ...withId('a'), rev });
    kept.put({ ...withId('a'), rev: 3 });
    kept.put(withId('b'));
    expect(idsOf(kept)).toEqual(['a', 'b']);
    expect(kept.get('a')?.rev).toBe(10);
  });
});

describe('RememberedKeys', () => {
  const held = newBatch().id;
  const isHeld = (id: string) => id === held;
  const record = (key: string, expiresAtMs = Infinity): IdempotencyRecord => ({
    key,
    requestHash: 'hash',
    taskIds: [`task of ${key}`],
    expiresAtMs,
  });

  it('know a key that its store has lost, and write it back', async () => {
    const clock = new ManualClock();
    const store = new MemoryKeyStore(clock);
    const keys = new RememberedKeys(clock, store, isHeld);
    await keys.create(record('mine'));
    store.records.clear();
    await keys.restore();
    expect(store.records.get('mine')).toEqual(record('mine'));
  });

  it('write back what the store has lost before anybody is told of it again, unless it is another’s by now', async () => {
    const clock = new ManualClock();
    const store = new MemoryKeyStore(clock);
    const keys = new RememberedKeys(clock, store, isHeld);
    await keys.create(record('mine'));
    store.records.clear();
    expect(await keys.read('mine')).toEqual(record('mine'));
    expect(store.records.get('mine')).toEqual(record('mine'));
    store.records.clear();
    const theirs = { ...record('mine'), taskIds: ['theirs'] };
    const reading = keys.read('mine');
    store.records.set('mine', theirs);
    expect(await reading).toEqual(theirs);
  });

  it('let the store have the last word', async () => {
    const clock = new ManualClock();
    const store: KeyStore = new MemoryKeyStore(clock);
    const theirs = { ...record('key'), taskIds: ['theirs'] };
    await store.create(theirs);
    const keys = new RememberedKeys(clock, store, isHeld);
    expect(await keys.create(record('key'))).toEqual(theirs);
    expect(await keys.read('key')).toEqual(theirs);
  });

  it('forget what has expired, and what is a quarter of an hour old', async () => {
    const clock = new ManualClock();
    const store = new MemoryKeyStore(clock);
    const keys = new RememberedKeys(clock, store, isHeld);
    await keys.create(record('short', clock.now() + 100));
    await keys.create(record('old'));
    store.records.clear();
    clock.advance(200);
    expect(await keys.read('short')).toBeUndefined();
    clock.advance(16 * 60_000);
    await keys.create(record('new'));
    expect(await keys.read('old')).toBeUndefined();
  });

  it('last as long as a batch of their tasks is held, though the queue takes hours', async () => {
    const clock = new ManualClock();
    const store = new MemoryKeyStore(clock);
    const keys = new RememberedKeys(clock, store, isHeld);
    const unfinished = { ...record('unfinished'), taskIds: [taskIdOf(held, 0)] };
    await keys.create(unfinished);
    for (let hours = 1; hours <= 3; hours += 1) {
      clock.advance(3_600_000);
      await keys.create(record(`of hour ${hours}`));
    }
    store.records.clear();
    expect(await keys.read('unfinished')).toEqual(unfinished);
    expect(await keys.restore()).toBe(2);
  });

  it('know their own again where the reply to their creation was lost', async () => {
    const clock = new ManualClock();
    const mine = { ...record('mine'), taskIds: [taskIdOf(held, 0)] };
    const recognize = {
      created: (keys: RememberedKeys) => keys.create(mine),
      read: (keys: RememberedKeys) => keys.read('mine'),
    };
    for (const again of Object.values(recognize)) {
      const store = new MemoryKeyStore(clock);
      const keys = new RememberedKeys(clock, store, isHeld);
      await store.create(mine);
      expect(await again(keys)).toEqual(mine);
      store.records.clear();
      expect(await keys.read('mine')).toEqual(mine);
    }
  });
});

describe('QueueProgress', () => {
  const nothing = { visible: 0, inFlight: 0, delayed: 0 };
  const progressAt = () => {
    const clock = new ManualClock();
    clock.advance(10 * VISIBILITY_MS);
    let lastNumber = 1;
    const own = { coordinatorId: 'own', lastNumber: () => lastNumber };
    const progress = new QueueProgress(clock, VISIBILITY_MS, own);
    progress.mark();
    return {
      clock,
      progress,
      now: () => clock.monotonic(),
      /** So much later one is sent, with the next number. */
      sendAfter: (ms: number) => {
        clock.advance(ms);
        progress.mark();
        lastNumber += 1;
      },
    };
  };
  const message = (batchNumber: number, change: Partial<BatchMessage> = {}) => ({
    send: 1,
    coordinatorId: 'own',
    batchNumber,
    ...change,
  });

  it('has passed a message when one that was sent a visibility timeout later came out', () => {
    const { progress, now, sendAfter } = progressAt();
    const since = now();
    sendAfter(VISIBILITY_MS);
    sendAfter(1);
    progress.recordReceived(message(2));
    expect(progress.hasPassed(since)).toBe(false);
    progress.recordReceived(message(3));
    expect(progress.hasPassed(since)).toBe(true);
    expect(progress.hasPassed(since + 1)).toBe(false);
  });

  it.each([-3_600_000, 3_600_000])('does not care for the wall clock: a step by %i ms', (stepMs) => {
    const { clock, progress, now, sendAfter } = progressAt();
    const since = now();
    clock.step(stepMs);
    sendAfter(VISIBILITY_MS + 1);
    expect(progress.hasPassed(since)).toBe(false);
    progress.recordReceived(message(2));
    expect(progress.hasPassed(since)).toBe(true);
  });

  it('learns nothing from what others sent: nobody here knows when', () => {
    const { progress, now, sendAfter } = progressAt();
    const since = now();
    sendAfter(2 * VISIBILITY_MS);
    progress.recordReceived(message(2, { coordinatorId: 'another' }));
    expect(progress.hasPassed(since)).toBe(false);
  });

  it('learns nothing of the order from a message that was sent again', () => {
    const { progress, now, sendAfter } = progressAt();
    const since = now();
    sendAfter(2 * VISIBILITY_MS);
    progress.recordReceived(message(2, { send: 2 }));
    expect(progress.hasPassed(since)).toBe(false);
  });

  it('has passed everything when the queue stood empty for a visibility timeout', () => {
    const { clock, progress } = progressAt();
    progress.recordDepth(nothing);
    clock.advance(VISIBILITY_MS - 1);
    expect(progress.hasPassed(clock.monotonic())).toBe(false);
    clock.advance(1);
    progress.recordDepth(nothing);
    expect(progress.hasPassed(clock.monotonic())).toBe(true);
  });

  it.each([
    { ...nothing, visible: 1 },
    { ...nothing, inFlight: 1 },
    { ...nothing, delayed: 1 },
  ])('begins anew where the queue holds %j', (depth) => {
    const { clock, progress } = progressAt();
    progress.recordDepth(nothing);
    clock.advance(VISIBILITY_MS);
    progress.recordDepth(depth);
    expect(progress.hasPassed(clock.monotonic())).toBe(false);
  });
});

describe('resend', () => {
  it('counts the send and touches the batch; the message says which send it is', () => {
    const next = resend(newBatch(), [], moveAt(90_000));
    expect(next).toMatchObject({ sends: 2, rev: 2, touchedAtMs: T0 + 90_000 });
    expect(next.dueAtMs).toBe(T0 + 90_000 + 2 * VISIBILITY_MS);
    expect(messageOfBatch(next)).toMatchObject({ send: 2, createdAtMs: T0 });
  });

  it('expires what is past its deadline', () => {
    const next = resend(newBatch(), [0, 1], moveAt(1000));
    expect(next.tasks.map(({ status }) => status)).toEqual(['expired', 'expired', 'open']);
  });
});

describe('mergeHeld', () => {
  const other: TaskOutcome = { status: 'succeeded', label: 'POSITIVE', score: 0.5, tokens: 5 };
  const held = deliver(newBatch(), { outcomes: { 0: succeeded, 1: failed } }).next;

  it('gives back final states that the store lost, with their history', () => {
    const merged = mergeKnown(newBatch(), held, moveAt(50));
    expect(merged?.tasks[0]).toEqual(held.tasks[0]);
    expect(merged?.tasks.slice(1).every(isOpen)).toBe(true);
    expect(merged?.deliveries).toEqual(held.deliveries);
    expect(merged?.deliveryCount).toBe(1);
    expect(merged?.rev).toBeGreaterThan(held.rev);
  });

  it('leaves a final state alone that is there already', () => {
    const there = deliver(newBatch(), {
      outcomes: { 0: other },
      messageId: 'message-2',
    }).next;
    const full = deliver(newBatch(), { outcomes: all(succeeded) }).next;
    const merged = mergeKnown(there, full, moveAt(50));
    expect(merged?.tasks[0]).toEqual(there.tasks[0]);
    expect(merged?.tasks.slice(1)).toEqual(full.tasks.slice(1).map((slot) => ({ ...slot, delivery: 2 })));
    expect(Object.keys(merged?.deliveries ?? {})).toHaveLength(2);
  });

  it('numbers deliveries anew that were counted from one in both tables', () => {
    const there = deliver(newBatch(), { outcomes: { 1: other }, messageId: 'message-2' }).next;
    const merged = mergeKnown(there, held, moveAt(50));
    const byMessage = Object.values(merged?.deliveries ?? {}).map(({ messageId, number }) => [
      messageId,
      number,
    ]);
    expect(byMessage.toSorted()).toEqual([
      ['message-1', 2],
      ['message-2', 1],
    ]);
    expect(merged?.tasks[0]).toEqual({ ...held.tasks[0], delivery: 2 });
    expect(merged?.tasks[1]).toEqual(there.tasks[1]);
    expect(merged?.deliveryCount).toBe(2);
  });

  it('keeps of one delivery the record with the late answer, not the failure that it took the place of', () => {
    const there = deliver(newBatch(), { outcomes: all(failed) }).next;
    const full = deliver(newBatch(), { outcomes: all(succeeded) }).next;
    const merged = mergeKnown(there, full, moveAt(50));
    expect(merged?.deliveries).toEqual(full.deliveries);
    expect(merged?.tasks).toEqual(full.tasks);
  });

  it('keeps of one delivery the record that tells more, whichever table it stood in', () => {
    const there = deliver(newBatch(), { outcomes: {} }).next;
    const full = deliver(newBatch(), { outcomes: all(succeeded) }).next;
    const older = { ...there, deliveries: withoutOutcomes(there.deliveries) };
    const merged = mergeKnown(older, full, moveAt(50));
    expect(merged?.deliveries).toEqual(full.deliveries);
    expect(merged?.tasks).toEqual(full.tasks);
    expect(mergeKnown(full, older, moveAt(50))).toBeUndefined();
  });

  it('gives back the link to a new task that whoever put the batch back did not know', () => {
    const dead = deadLetter(newBatch(), moveAt(10)) ?? newBatch();
    const linked = linkRedriven(dead, new Map([[1, 'new-task-0']]), moveAt(20));
    const merged = mergeKnown(withNewRevision(dead, 0.5), linked ?? dead, moveAt(50));
    expect(merged?.redrivenAs).toEqual({ 1: 'new-task-0' });
    expect(merged?.tasks).toEqual(dead.tasks);
  });

  it('has nothing to do where nothing is missing', () => {
    expect(mergeKnown(held, newBatch(), moveAt(50))).toBeUndefined();
    expect(mergeKnown(held, held, moveAt(50))).toBeUndefined();
  });
});

describe('a batch that is created in the place of one that was lost', () => {
  it('stands at a revision that no write for the lost one expects', () => {
    const revs = [0, 0.3, 0.999].map((chance) => withNewRevision(newBatch(), chance).rev);
    expect(Math.min(...revs)).toBeGreaterThan(newBatch().rev);
    expect(new Set(revs).size).toBe(3);
    expect(revs.every(Number.isSafeInteger)).toBe(true);
  });
});
