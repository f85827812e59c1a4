import { describe, expect, it } from 'vitest';
import { readInferReply } from '../../tools/burst/exchange.js';
import { hasLatency, isError, requestOutcome, taskOutcome } from '../../tools/burst/outcome.js';

describe('the outcome of a task', () => {
  it.each([
    [{ status: 'succeeded', label: 'POSITIVE', deliveries: 1 }, 'ok'],
    [{ status: 'succeeded', label: 'POSITIVE', deliveries: 3 }, 'retried'],
    [{ status: 'succeeded', label: 'POSITIVE', deliveries: 3, expected: 'NEGATIVE' }, 'wrong'],
    [{ status: 'succeeded', label: 'POSITIVE', expected: 'POSITIVE' }, 'ok'],
    [{ status: 'succeeded', expected: 'POSITIVE' }, 'ok'],
    [{ status: 'failed', deliveries: 10 }, 'failed'],
    [{ status: 'expired' }, 'expired'],
    [{ status: 'cancelled' }, 'cancelled'],
    [{ status: 'queued' }, 'lost'],
    [{ status: 'running' }, 'lost'],
  ] as const)('%j is %s', (task, outcome) => {
    expect(taskOutcome(task, 'lost')).toBe(outcome);
  });

  it('is not lost where nobody followed it', () => {
    expect(taskOutcome({ status: 'running' }, 'unfinished')).toBe('unfinished');
  });
});

describe('the outcome of a request', () => {
  it.each([
    [['ok', 'ok'], 'ok'],
    [['ok', 'retried'], 'retried'],
    [['retried', 'wrong', 'failed'], 'wrong'],
    [['failed', 'lost'], 'lost'],
    [['expired', 'ok'], 'expired'],
  ] as const)('of tasks %j is %s', (tasks, outcome) => {
    expect(requestOutcome(tasks)).toBe(outcome);
  });

  it('counts as error, with a latency, or neither', () => {
    expect([isError('rejected'), hasLatency('rejected')]).toEqual([true, false]);
    expect([isError('timedOut'), hasLatency('timedOut')]).toEqual([true, true]);
    expect([isError('retried'), hasLatency('retried')]).toEqual([false, true]);
    expect([isError('stopped'), hasLatency('stopped')]).toEqual([false, false]);
    expect(isError('unfinished')).toBe(false);
  });
});

describe('an answer', () => {
  const read = (status: number, body: unknown, texts = 1) =>
    readInferReply({ status, body: JSON.stringify(body) }, texts);
  const task = { taskId: 'a-0', status: 'succeeded', label: 'POSITIVE' };

  it.each([
    [200, task, 1, [{ taskId: 'a-0' }]],
    [200, { tasks: [task, task] }, 2, [{ taskId: 'a-0' }, { taskId: 'a-0' }]],
    [202, { tasks: [{ taskId: 'a-0', status: 'queued' }] }, 1, [{ status: 'queued' }]],
    [
      502,
      { code: 'task_failed', taskId: 'a-0', detail: 'no' },
      1,
      [{ status: 'failed', error: { message: 'no' } }],
    ],
    [504, { code: 'deadline_exceeded', taskId: 'a-0' }, 1, [{ status: 'expired' }]],
    [409, { code: 'task_cancelled', taskId: 'a-0' }, 1, [{ status: 'cancelled' }]],
  ])('%i %j is about tasks', (status, body, texts, tasks) => {
    expect(read(status, body, texts)).toMatchObject({ kind: 'tasks', tasks });
  });

  it.each([
    [429, { code: 'overloaded' }, 'rejected'],
    [503, { code: 'stack_unavailable' }, 'unavailable'],
    [400, { code: 'invalid_request' }, 'otherError'],
    [500, { code: 'internal_error' }, 'otherError'],
    [502, { code: 'bad_gateway' }, 'otherError'],
    [200, { tasks: [] }, 'otherError'],
    [200, 'hello', 'otherError'],
  ])('%i %j is %s', (status, body, kind) => {
    expect(read(status, body)).toMatchObject({ kind });
  });
});
