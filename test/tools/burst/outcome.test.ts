import { describe, expect, it } from 'vitest';
import { toInferReply } from '../../../tools/burst/coordinator-client.js';
import { readInferReply } from '../../../tools/kit/load/infer.js';
import { hasLatency, isError, requestOutcome, taskOutcome } from '../../../tools/burst/outcome.js';

describe('the outcome of a task', () => {
  it.each([
    [{ status: 'succeeded', label: 'POSITIVE', deliveries: 1 }, 'ok'],
    [{ status: 'succeeded', label: 'POSITIVE', deliveries: 3 }, 'retried'],
    [{ status: 'succeeded', label: 'POSITIVE', deliveries: 3, expected: 'NEGATIVE' }, 'wrong'],
    [{ status: 'succeeded', label: 'POSITIVE', expected: 'POSITIVE' }, 'ok'],
    [{ status: 'succeeded' }, 'lost'],
    [{ status: 'succeeded', expected: 'POSITIVE' }, 'lost'],
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
    expect(taskOutcome({ status: 'succeeded' }, 'unfinished')).toBe('ok');
  });

  it('is not ok where its answer was to be checked and never came', () => {
    expect(taskOutcome({ status: 'succeeded', expected: 'POSITIVE' }, 'unfinished')).toBe('unfinished');
    expect(taskOutcome({ status: 'succeeded', expected: 'POSITIVE' }, 'stopped')).toBe('stopped');
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

describe('what is shown of an answer', () => {
  const hostile = '\u001b]0;pwned\u0007\u001b[2J\u009b31m\r\nnext\u202e';

  it('can do nothing to a terminal', () => {
    const task = { taskId: 'a-0', status: 'failed', label: hostile, workerId: hostile };
    const error = { code: hostile, message: hostile };
    const replies = [
      { status: 200, body: JSON.stringify({ tasks: [{ ...task, error }] }) },
      { status: 500, body: JSON.stringify({ code: hostile, detail: hostile }) },
      { status: 200, body: hostile },
    ].map((reply) => JSON.stringify(toInferReply(readInferReply(reply, 1))));
    for (const reply of replies) {
      expect(reply).toContain('next');
      expect(reply).not.toMatch(/\\u00|\\r|\\n|[\u0080-\u009f\u202e]/);
    }
  });
});

describe('an answer', () => {
  const read = (status: number, body: unknown, texts = 1) =>
    toInferReply(readInferReply({ status, body: JSON.stringify(body) }, texts));
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
