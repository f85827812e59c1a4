/** Each move of a delivery's state, and those that the state does not allow. */
import { describe, expect, it } from 'vitest';
import type { EndedInvoke, RunningDelivery, RunningInvoke } from '../../../contracts/batch/batch.js';
import {
  adoptCommit,
  commitEnd,
  endInvoke,
  endSilently,
  finish,
  leaveUntried,
  recordOf,
  release,
  restartInvoke,
  returnByTimeout,
  started,
  startInvoke,
  timeOutInvoke,
  type DeliveryState,
} from '../../../coordinator/delivery/delivery-state.js';
import type { InvokeResult } from '../../../coordinator/delivery/invoke-result.js';

const START: RunningDelivery = {
  messageId: 'message-1',
  receiveCount: 1,
  number: 1,
  coordinatorId: 'coordinator-a',
  taskIndexes: [0],
  startedAtMs: 1000,
  invokes: [],
};
const INVOKE: RunningInvoke = { workerId: 'worker-1', taskIndexes: [0], startedAtMs: 1001 };
const TIME_UP = { code: 'invoke_timeout', message: 'no answer' };

const ended = (overrides: Partial<EndedInvoke> = {}): EndedInvoke => ({
  ...INVOKE,
  endedAtMs: 1002,
  ...overrides,
});
const failure = (error = { code: 'http_500', message: 'planned' }): InvokeResult => ({
  record: ended({ error }),
  outcome: { outcomes: new Map([[0, { status: 'failed', error, retryable: true }]]), computeMs: 0 },
});
const ANSWER: InvokeResult = {
  record: ended(),
  outcome: {
    outcomes: new Map([[0, { status: 'succeeded', label: 'POSITIVE', score: 1, tokens: 3 }]]),
    computeMs: 1,
  },
};

const idle = () => started(START);
const invoking = () => startInvoke(idle(), INVOKE)[0];
const answered = () => endInvoke(invoking(), 0, ANSWER);
const overdue = () => timeOutInvoke(invoking(), 0, failure(TIME_UP));
const released = () => release(invoking(), 2000);
const finished = () => finish(answered(), 2000, 'backoff');
const over = () => commitEnd(finished(), 'succeeded');

const states: Readonly<Record<string, () => DeliveryState>> = {
  idle,
  invoking,
  answered,
  overdue,
  released,
  finished,
  over,
};
const moves: Readonly<Record<string, (state: DeliveryState) => unknown>> = {
  startInvoke: (state) => startInvoke(state, INVOKE),
  restartInvoke: (state) => restartInvoke(state, 0, INVOKE),
  leaveUntried: (state) => leaveUntried(state, 0, 2000),
  endInvoke: (state) => endInvoke(state, 0, ANSWER),
  timeOutInvoke: (state) => timeOutInvoke(state, 0, failure(TIME_UP)),
  endSilently: (state) => endSilently(state, 0),
  finish: (state) => finish(state, 2000, 'backoff'),
  release: (state) => release(state, 2000),
  returnByTimeout: (state) => returnByTimeout(state),
  commitEnd: (state) => commitEnd(state, 'succeeded'),
};
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  idle: ['startInvoke', 'finish', 'release'],
  invoking: ['startInvoke', 'restartInvoke', 'leaveUntried', 'endInvoke', 'timeOutInvoke', 'release'],
  answered: ['startInvoke', 'finish', 'release'],
  overdue: ['startInvoke', 'endInvoke', 'endSilently', 'finish', 'release'],
  released: ['leaveUntried', 'endInvoke', 'timeOutInvoke', 'endSilently', 'returnByTimeout', 'commitEnd'],
  finished: ['returnByTimeout', 'commitEnd'],
  over: ['returnByTimeout'],
};

describe.each(Object.entries(states))('a delivery that is %s', (name, make) => {
  it.each(Object.entries(moves))('allows or refuses %s', (move, apply) => {
    if (ALLOWED[name]?.includes(move)) expect(() => apply(make())).not.toThrow();
    else expect(() => apply(make())).toThrow(/cannot/);
  });
});

describe('the state of a delivery', () => {
  it('names the state and the move that it refuses', () => {
    expect(() => release(over(), 3000)).toThrow('delivery 1, which is ended, cannot be released');
    expect(() => endInvoke(answered(), 0, ANSWER)).toThrow('invoke 0, which is ended, cannot end');
  });

  it('counts no failure beside the late answer of the same invoke', () => {
    const late = endInvoke(overdue(), 0, failure({ code: 'connection_lost', message: 'gone' }));
    expect(late.uncommitted).toHaveLength(1);
    expect(recordOf(late).invokes[0]?.error?.code).toBe('connection_lost');
  });

  it('keeps an invoke that was released while a commit of it was under way', () => {
    const before = invoking();
    const state = release(before, 2000);
    const adopted = adoptCommit(state, before, { ...START, invokes: [INVOKE] });
    expect(recordOf(adopted).invokes[0]).toMatchObject({ outcome: 'released', endedAtMs: 2000 });
  });

  it('keeps what came while a commit was under way, and drops what was committed', () => {
    const before = overdue();
    const state = endInvoke(before, 0, ANSWER);
    const written = { ...START, number: 2, duplicate: 2, invokes: [ended({ outcome: 'failed' })] };
    const adopted = adoptCommit(state, before, written);
    expect(adopted.uncommitted).toHaveLength(1);
    expect(recordOf(adopted)).toMatchObject({ number: 2, duplicate: 2, invokes: [ANSWER.record] });
    expect(adoptCommit(before, before, written)).toMatchObject({
      uncommitted: [],
      invokes: [{ tag: 'overdue', record: { outcome: 'failed' } }],
    });
  });

  it('adopts the outcome that a late answer gave it', () => {
    const state = endInvoke(commitEnd(released(), 'released'), 0, ANSWER);
    const written = { ...START, endedAtMs: 2000, outcome: 'succeeded', invokes: [] } as const;
    expect(adoptCommit(state, state, written)).toMatchObject({ tag: 'ended', outcome: 'succeeded' });
  });
});
