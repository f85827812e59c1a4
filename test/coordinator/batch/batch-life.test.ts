import { describe, expect, it } from 'vitest';
import {
  cancelTask,
  deadLetter,
  expireTasks,
  linkRedriven,
  stampWrite,
} from '../../../coordinator/batch/batch-life.js';
import { InvariantViolatedError } from '../../../contracts/common/invariant.js';
import { holdsWrite, isDeadLettered, isRunning } from '../../../contracts/batch/batch-state.js';
import { deliveryKey, type BatchDocument } from '../../../contracts/batch/batch.js';
import {
  all,
  deliver,
  failed,
  failedForGood,
  moveAt,
  newBatch,
  RETENTION_MS,
  startedDelivery,
  succeeded,
  T0,
  VISIBILITY_MS,
} from './support/batch-moves.js';

function runningIn(batch: BatchDocument, slots: readonly number[]): BatchDocument {
  const started = startedDelivery(batch, 1, { taskIndexes: slots });
  return { ...batch, deliveries: { [deliveryKey(started)]: started } };
}

function cancelled(batch: BatchDocument, slot: number, atMs = 10): BatchDocument {
  const next = cancelTask(batch, slot, moveAt(atMs));
  if (typeof next === 'string') throw new Error(`refused: ${next}`);
  return next;
}

describe('isRunning', () => {
  it('holds of an open task in a delivery that was recorded as started and not as ended', () => {
    const batch = runningIn(newBatch(), [0, 1]);
    expect([0, 1, 2].map((slot) => isRunning(batch, slot))).toEqual([true, true, false]);
  });

  it('does not hold of a task that is final or does not exist', () => {
    const batch = runningIn(
      deliver(newBatch(1), { outcomes: all(succeeded, 1), messageId: 'm' }).next,
      [0, 7],
    );
    expect([0, 7].map((slot) => isRunning(batch, slot))).toEqual([false, false]);
  });
});

describe('cancelTask', () => {
  it('closes one task and leaves its neighbors open', () => {
    const next = cancelled(newBatch(), 1, 25);
    expect(next.tasks).toEqual([
      { status: 'open', failedAlone: 0 },
      { status: 'cancelled', finishedAtMs: T0 + 25, totalMs: 25 },
      { status: 'open', failedAlone: 0 },
    ]);
  });

  it('is refused for what is recorded as running', () => {
    expect(cancelTask(runningIn(newBatch(), [0]), 0, moveAt(10))).toBe('running');
    expect(cancelled(runningIn(newBatch(), [0]), 1).tasks[1]?.status).toBe('cancelled');
  });

  it('is refused for what is final, however it ended', () => {
    const answered = deliver(newBatch(2), { outcomes: { 0: succeeded, 1: failedForGood } }).next;
    expect([0, 1].map((slot) => cancelTask(answered, slot, moveAt(20)))).toEqual(['terminal', 'terminal']);
    expect(cancelTask(cancelled(newBatch(), 0), 0, moveAt(20))).toBe('terminal');
  });

  it('wins over an answer that is committed after it', () => {
    const batch = cancelled(newBatch(1), 0);
    const { next, late } = deliver(batch, { outcomes: all(succeeded, 1), taskIndexes: [0], atMs: 30 });
    expect(next.tasks[0]?.status).toBe('cancelled');
    expect(late).toEqual([0]);
  });
});

describe('expireTasks', () => {
  it('closes those of the tasks that are open', () => {
    const batch = deliver(newBatch(), { outcomes: { 0: succeeded } }).next;
    const next = expireTasks(batch, [0, 1], moveAt(40));
    expect(next?.tasks.map(({ status }) => status)).toEqual(['succeeded', 'expired', 'open']);
    expect(next?.tasks[0]).toBe(batch.tasks[0]);
    expect(next?.tasks[1]).toEqual({ status: 'expired', finishedAtMs: T0 + 40, totalMs: 40 });
  });

  it('expires a task in flight too', () => {
    expect(expireTasks(runningIn(newBatch(1), [0]), [0], moveAt(40))?.tasks[0]?.status).toBe('expired');
  });

  it('has nothing to write where none of them is open', () => {
    const batch = deliver(newBatch(1), { outcomes: all(succeeded, 1) }).next;
    expect(expireTasks(batch, [0, 9], moveAt(40))).toBeUndefined();
    expect(expireTasks(newBatch(), [], moveAt(40))).toBeUndefined();
  });
});

describe('deadLetter', () => {
  it('fails what is open, each task with its last reason, and notes when', () => {
    const batch = deliver(newBatch(), { outcomes: { 0: succeeded, 1: failed } }).next;
    const next = deadLetter(batch, moveAt(60));
    expect(next?.tasks[0]).toBe(batch.tasks[0]);
    expect(next?.tasks.slice(1)).toEqual([
      {
        status: 'failed',
        error: { code: 'http_500', message: 'planned' },
        finishedAtMs: T0 + 60,
        totalMs: 60,
      },
      {
        status: 'failed',
        error: { code: 'never_answered', message: expect.any(String) as string },
        finishedAtMs: T0 + 60,
        totalMs: 60,
      },
    ]);
    expect(next).toMatchObject({
      deadLetteredAtMs: T0 + 60,
      attentionAtMs: T0 + 60,
      expiresAtMs: T0 + 60 + RETENTION_MS,
      rev: batch.rev + 1,
    });
    expect(next).not.toHaveProperty('dueAtMs');
  });

  it('has nothing to write where all is final', () => {
    const batch = deliver(newBatch(1), { outcomes: all(succeeded, 1) }).next;
    expect(deadLetter(batch, moveAt(60))).toBeUndefined();
  });
});

describe('linkRedriven', () => {
  const dead = (batch: BatchDocument) => deadLetter(batch, moveAt(60)) ?? batch;

  it('links dead-lettered tasks, and no others', () => {
    const batch = dead(deliver(newBatch(3), { outcomes: { 0: succeeded, 1: failedForGood } }).next);
    expect([0, 1, 2, 3].map((slot) => isDeadLettered(batch, slot))).toEqual([false, false, true, false]);
    const wanted = new Map([0, 1, 2, 3].map((slot) => [slot, `new-${slot}`]));
    const next = linkRedriven(batch, wanted, moveAt(70));
    expect(next).toMatchObject({ redrivenAs: { 2: 'new-2' }, rev: batch.rev + 1 });
    expect(next?.tasks).toBe(batch.tasks);
    expect(next?.expiresAtMs).toBe(batch.expiresAtMs);
    expect(next).not.toHaveProperty('dueAtMs');
  });

  it('leaves a link that is there, and has nothing to write where all are', () => {
    const first = linkRedriven(dead(newBatch(2)), new Map([[0, 'first']]), moveAt(70));
    if (first === undefined) throw new Error('not linked');
    expect(linkRedriven(first, new Map([[0, 'second']]), moveAt(80))).toBeUndefined();
    const both = new Map([
      [0, 'second'],
      [1, 'third'],
    ]);
    expect(linkRedriven(first, both, moveAt(80))?.redrivenAs).toEqual({ 0: 'first', 1: 'third' });
  });
});

describe('every write', () => {
  it('raises the revision by one and is known by its id, among the latest eight', () => {
    let batch = newBatch(12);
    for (let slot = 0; slot < 10; slot += 1) batch = cancelled(batch, slot, slot);
    expect(batch.rev).toBe(11);
    expect(batch.writeIds).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((nth) => `write-${nth}`));
    expect(holdsWrite(batch, 'write-9')).toBe(true);
    expect(holdsWrite(batch, 'write-1')).toBe(false);
  });

  it('is a touch: an unfinished batch is due two visibility timeouts later', () => {
    const next = deliver(newBatch(), { outcomes: { 0: succeeded, 1: failed }, atMs: 700 }).next;
    expect(next).toMatchObject({ touchedAtMs: T0 + 700, dueAtMs: T0 + 700 + 2 * VISIBILITY_MS });
    expect(next).not.toHaveProperty('expiresAtMs');
    expect(next).not.toHaveProperty('attentionAtMs');
  });

  it('takes a finished batch out of the index of the unfinished, and says until when it is kept', () => {
    const next = deliver(newBatch(), { outcomes: all(succeeded), atMs: 700 }).next;
    expect(next).not.toHaveProperty('dueAtMs');
    expect(next.expiresAtMs).toBe(T0 + 700 + RETENTION_MS);
    const later = deliver(next, {
      outcomes: all(succeeded),
      taskIndexes: [0],
      receiveCount: 2,
      atMs: 900,
    }).next;
    expect(later.expiresAtMs).toBe(next.expiresAtMs);
    expect(later).not.toHaveProperty('dueAtMs');
  });

  it('notes when the first of its tasks failed for good', () => {
    const first = deliver(newBatch(), {
      outcomes: { 0: failedForGood, 1: failed, 2: failed },
      atMs: 100,
    }).next;
    expect(first.attentionAtMs).toBe(T0 + 100);
    const second = deliver(first, {
      outcomes: { 1: failedForGood, 2: succeeded },
      receiveCount: 2,
      atMs: 200,
    }).next;
    expect(second.attentionAtMs).toBe(T0 + 100);
  });

  it.each(['cancelled', 'expired'] as const)('asks for no attention where a task was %s', (status) => {
    const batch = newBatch(1);
    const next = status === 'cancelled' ? cancelled(batch, 0) : expireTasks(batch, [0], moveAt(1));
    expect(next).not.toHaveProperty('attentionAtMs');
  });

  it('measures a task from its own admission, and never below zero', () => {
    const batch = newBatch(2);
    const inputs = batch.inputs.map((input, slot) => ({ ...input, acceptedAtMs: T0 - 5 + 100 * slot }));
    const next = deliver({ ...batch, inputs }, { outcomes: all(succeeded, 2), atMs: 20 }).next;
    expect(next.tasks).toMatchObject([{ totalMs: 25 }, { totalMs: 0, queueMs: 0 }]);
  });
});

describe('every transition', () => {
  const before = cancelled(deliver(newBatch(2), { outcomes: { 0: failed } }).next, 1);
  const [open, terminal] = before.tasks;

  it('counts the revision on by one', () => {
    expect(stampWrite(before, before, moveAt(50)).rev).toBe(before.rev + 1);
  });

  it.each<[string, Partial<BatchDocument>, string]>([
    [
      'changes a terminal task',
      { tasks: [open, { ...terminal }] as BatchDocument['tasks'] },
      'task 1 is cancelled',
    ],
    ['loses a task', { tasks: before.tasks.slice(1) }, 'the number of its tasks'],
    ['lowers the revision', { rev: before.rev - 1 }, 'the revision falls'],
    ['counts fewer deliveries', { deliveryCount: 0 }, 'the count of its deliveries'],
    ['counts fewer sends', { sends: 0 }, 'the count of its sends'],
    ['takes the id of another batch', { id: '019e0000-0000-7000-8000-000000000009' }, 'cannot become'],
  ])('is refused where it %s', (_what, change, message) => {
    const transition = () => stampWrite(before, { ...before, ...change }, moveAt(50));
    expect(transition).toThrow(InvariantViolatedError);
    expect(transition).toThrow(message);
  });
});
