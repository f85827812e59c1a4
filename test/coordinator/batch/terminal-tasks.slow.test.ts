/** Promise 2 as a property: whatever happens in whatever order, a final slot never changes. */
import { describe, expect, it } from 'vitest';
import { cancelTask, deadLetter, expireTasks } from '../../../coordinator/batch/batch-life.js';
import { isOpen, openTaskIndexes } from '../../../contracts/batch/batch-state.js';
import { commitDelivery } from '../../../coordinator/batch/commit-delivery.js';
import { withLostDeliveries } from '../../../coordinator/batch/delivery-history.js';
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../../contracts/batch/batch.js';
import { changedFinalSlots, repeatedRevisions } from '../../support/promises.js';
import {
  expired,
  failed,
  history,
  failedForGood,
  moveAt,
  newBatch,
  released,
  startedDelivery,
  succeeded,
} from './support/batch-moves.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';

const OUTCOMES = [succeeded, succeeded, failed, failed, failedForGood, expired, released];
const TASKS = 6;
const MOVES = 60;

/** A batch and the deliveries of it that are still under way: some are answered at once, some much later. */
class Life {
  readonly versions: BatchDocument[];
  readonly #random: SeededRandom;
  readonly #underWay: DeliveryRecord[] = [];
  #receiveCount = 0;
  #nowMs = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.versions = [newBatch(TASKS)];
  }

  get batch(): BatchDocument {
    const latest = this.versions.at(-1);
    if (latest === undefined) throw new Error('a life begins with a batch');
    return latest;
  }

  move(): void {
    this.#nowMs += this.#random.below(20_000);
    const moves = [() => this.#receive(), () => this.#answer(), () => this.#answer(), () => this.#close()];
    this.#random.pick(moves)();
  }

  #receive(): void {
    this.#receiveCount += 1;
    const slots = openTaskIndexes(this.batch);
    const startedAtMs = moveAt(this.#nowMs).nowMs;
    const workers = slots.length === 0 ? [] : this.#random.pick([[slots], slots.map((slot) => [slot])]);
    const invokes = workers.map((held, index) => ({
      workerId: `worker-${index}`,
      taskIndexes: held,
      startedAtMs,
    }));
    const received = { messageId: 'message-1', receiveCount: this.#receiveCount };
    const seen = withLostDeliveries(this.batch, received, moveAt(this.#nowMs));
    const started = startedDelivery(seen, this.#receiveCount, { startedAtMs, invokes });
    this.#underWay.push(started);
    if (this.#random.next() < 0.3) this.#recordStart(started);
  }

  #recordStart(started: DeliveryRecord): void {
    const deliveries = { ...this.batch.deliveries, [deliveryKey(started)]: started };
    this.versions.push({ ...this.batch, deliveries });
  }

  #answer(): void {
    if (this.#underWay.length === 0) return;
    const delivery = this.#random.pick(this.#underWay);
    const possible = this.#random.pick([OUTCOMES, [this.#random.pick(OUTCOMES)]]);
    const news = delivery.invokes.map((invoke, index) => ({
      index,
      outcomes: new Map(invoke.taskIndexes.map((slot) => [slot, this.#random.pick(possible)])),
      computeMs: 1,
    }));
    const { nowMs } = moveAt(this.#nowMs);
    const { next, newlyTerminal, late } = commitDelivery(
      this.batch,
      { ...delivery, endedAtMs: nowMs },
      news,
      this.#write(),
    );
    expect(newlyTerminal.every((slot) => isOpen(this.batch.tasks[slot]))).toBe(true);
    expect(late.every((slot) => !isOpen(this.batch.tasks[slot]))).toBe(true);
    this.versions.push(next);
  }

  #close(): void {
    const slot = this.#random.below(TASKS);
    const chance = this.#random.next();
    const next =
      chance < 0.45
        ? expireTasks(this.batch, [slot], this.#write())
        : chance < 0.9
          ? cancelTask(this.batch, slot, this.#write())
          : deadLetter(this.batch, this.#write());
    if (typeof next === 'object') this.versions.push(next);
  }

  #write() {
    return moveAt(this.#nowMs, `write-${this.versions.length}`);
  }
}

function lifeOf(seed: number): Life {
  const life = new Life(seed);
  for (let move = 0; move < MOVES; move += 1) life.move();
  return life;
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a batch under random moves, seeds from %i00 on', (hundred) => {
  const lives = Array.from({ length: 50 }, (_, index) => lifeOf(100 * hundred + index));

  it('never changes a final slot, and gives no revision out twice', () => {
    for (const { versions } of lives) {
      expect(changedFinalSlots(versions)).toEqual([]);
      expect(repeatedRevisions(versions)).toEqual([]);
    }
  });

  it('is found by exactly one index: due while unfinished, kept for a while when finished', () => {
    for (const { versions } of lives) {
      for (const batch of versions) {
        const unfinished = batch.tasks.some(isOpen);
        expect([batch.dueAtMs !== undefined, batch.expiresAtMs === undefined]).toEqual([
          unfinished,
          unfinished,
        ]);
        expect(batch.attentionAtMs !== undefined).toBe(batch.tasks.some(({ status }) => status === 'failed'));
      }
    }
  });

  it('gives no number to two deliveries', () => {
    for (const { versions } of lives) {
      for (const batch of versions) {
        const numbers = history(batch).map(([number]) => number);
        expect(new Set(numbers).size).toBe(numbers.length);
      }
    }
  });

  it('names for every answer a delivery that is in its history', () => {
    for (const { batch } of lives) {
      const numbers = history(batch).map(([number]) => number);
      for (const slot of batch.tasks) {
        if (slot.status === 'succeeded') expect(numbers).toContain(slot.delivery);
      }
    }
  });
});

describe('random moves', () => {
  it('reach every final state and late answers, so that the property means something', () => {
    const batches = Array.from({ length: 50 }, (_, index) => lifeOf(index).batch);
    const statuses = new Set(batches.flatMap(({ tasks: slots }) => slots.map(({ status }) => status)));
    expect([...statuses].sort()).toEqual(['cancelled', 'expired', 'failed', 'succeeded']);
    const outcomes = batches.flatMap(({ deliveries }) =>
      Object.values(deliveries).map(({ outcome }) => outcome),
    );
    expect(new Set(outcomes)).toEqual(
      new Set(['succeeded', 'failed', 'released', 'lost', 'late', undefined]),
    );
  });
});
