import { describe, expect, it } from 'vitest';
import { toAttempt } from '../../../../tools/chaos/load/attempt.js';
import { readInferReply } from '../../../../tools/kit/load/infer.js';
import { verifyAgain, createClients } from '../../../../tools/chaos/load/clients.js';
import type { PlannedRequest } from '../../../../tools/chaos/load/plan-load.js';
import type { ClientEvent } from '../../../../tools/chaos/load/records.js';
import { fakeHttp, json, refusedConnection, type Respond } from '../support/fake-http.js';
import { plannedRequest } from '../support/evidence.js';

const ANSWER = { taskId: 'task-0', status: 'succeeded', label: 'POSITIVE', score: 0.99 };
const RECEIPT = { tasks: [{ taskId: 'task-0', status: 'queued' }] };
const PROBLEM = { code: 'stack_unavailable', detail: 'no queue' };

/** One client's whole life. */
function live(respond: Respond, planned: Partial<PlannedRequest> = {}) {
  const http = fakeHttp(respond);
  const events: ClientEvent[] = [];
  const startedAtMs = performance.now();
  const ending = new AbortController();
  const now = () => performance.now() - startedAtMs;
  const clients = createClients({
    http,
    runId: 'run',
    waitMs: 2000,
    now,
    signal: ending.signal,
    onEvent: (event) => events.push(event),
  });
  clients.send(plannedRequest({ atMs: 0, texts: ['good'], ...planned }));
  const [record] = clients.records;
  if (record === undefined) throw new Error('there is no record');
  return {
    http,
    events,
    record,
    clients,
    now,
    end: () => ending.abort(),
    kinds: () => events.map(({ kind }) => kind),
  };
}

describe('a client', () => {
  it('is told the answer at once', async () => {
    const { clients, record, http, kinds } = live(() => json(200, ANSWER));
    await clients.settled();
    expect(record).toMatchObject({
      state: 'accepted',
      sends: 1,
      tasks: [{ taskId: 'task-0', told: { by: 'answer', status: 'succeeded' } }],
    });
    expect(kinds()).toEqual(['sent', 'accepted', 'ok']);
    expect(http.requests).toEqual([
      {
        method: 'POST',
        path: '/infer',
        headers: { 'x-request-id': 'run-0', prefer: 'wait=2' },
        body: '{"text":"good"}',
      },
    ]);
  });

  it('counts its latency from the planned time, not from when it was sent', async () => {
    const { clients, events } = live(() => json(200, ANSWER), { atMs: -5000 });
    await clients.settled();
    const latencies = events.flatMap((event) => ('latencyMs' in event ? [event.latencyMs] : []));
    expect(latencies).toHaveLength(1);
    expect(latencies[0]).toBeGreaterThanOrEqual(5000);
  });

  it('follows what was accepted until it is final', async () => {
    const { clients, record, http } = live(
      ({ method }, turn) =>
        method === 'POST'
          ? json(202, RECEIPT)
          : json(200, turn < 4 ? { ...ANSWER, status: 'running' } : ANSWER),
      { async: true },
    );
    await clients.settled();
    expect(http.requests.map(({ path }) => path)).toEqual([
      '/infer',
      ...Array<string>(3).fill('/tasks/task-0'),
    ]);
    expect(http.requests[0]?.headers).toMatchObject({ prefer: 'respond-async' });
    expect(record.tasks[0]?.told).toMatchObject({ by: 'poll', status: 'succeeded' });
  });

  it('goes on following over errors, absences and refusals, and notes what was missing', async () => {
    const replies = [
      json(202, RECEIPT),
      refusedConnection(),
      json(404, {}),
      json(503, PROBLEM, 10),
      json(200, ANSWER),
    ];
    const { clients, record } = live((_request, turn) => replies[turn - 1] ?? json(500, {}));
    await clients.settled();
    expect(record.tasks[0]).toMatchObject({ missing: 1, told: { status: 'succeeded' } });
  });

  it.each([
    ['refused with 429', (): ReturnType<Respond> => json(429, { code: 'overloaded' }, 20), 'rejected'],
    ['to reach nobody', refusedConnection, 'unreached'],
  ])('sends again where it was %s: it cannot have been accepted', async (_what, fail, kind) => {
    const { clients, record, kinds } = live((_request, turn) => (turn === 1 ? fail() : json(200, ANSWER)));
    await clients.settled();
    expect(record).toMatchObject({ state: 'accepted', sends: 2 });
    expect(kinds()).toEqual(['sent', kind, 'retried', 'accepted', 'ok']);
  });

  it('waits as long as Retry-After says', async () => {
    const { clients, events } = live((_request, turn) =>
      turn === 1 ? json(429, { code: 'overloaded' }, 400) : json(200, ANSWER),
    );
    await clients.settled();
    const at = (kind: string): number => events.find((event) => event.kind === kind)?.atMs ?? NaN;
    expect(at('retried') - at('rejected')).toBeGreaterThanOrEqual(399);
  });

  it.each([
    ['a 503', json(503, PROBLEM, 10)],
    ['a broken connection', new Error('other side closed')],
    ['a broken body', { status: 200, body: '{"taskId":' }],
    ['an internal error', json(500, {})],
  ])('without a key does not send again after %s: it may have been accepted', async (_what, reply) => {
    const { clients, record, http } = live(() => reply);
    await clients.settled();
    expect(record).toMatchObject({ state: 'unknown', sends: 1, tasks: [] });
    expect(http.requests).toHaveLength(1);
  });

  it('with a key sends again until it is answered, always under the same key', async () => {
    const { clients, record, http } = live(
      (_request, turn) => (turn < 3 ? json(503, PROBLEM, 10) : json(200, ANSWER)),
      { keyed: true },
    );
    await clients.settled();
    expect(record).toMatchObject({ state: 'accepted', sends: 3 });
    expect(new Set(http.requests.map(({ headers }) => headers?.['idempotency-key']))).toEqual(
      new Set(['run-0']),
    );
  });

  it('stays unknown though a later try reached nobody', async () => {
    const { record, end, clients, http } = live(
      (_request, turn) => (turn === 1 ? json(503, PROBLEM, 1) : refusedConnection()),
      { keyed: true },
    );
    await expect.poll(() => http.requests.length).toBeGreaterThan(1);
    end();
    await clients.settled();
    expect(record.state).toBe('unknown');
  });

  it('gives up where it is refused for good', async () => {
    const { clients, record } = live(() => json(400, { code: 'invalid_request' }), { keyed: true });
    await clients.settled();
    expect(record).toMatchObject({ state: 'rejected', sends: 1, problem: '400 invalid_request' });
  });

  it('ends when the run does, its request unanswered', async () => {
    const { clients, record, end } = live(({ method }) =>
      method === 'POST' ? json(202, RECEIPT) : json(200, { ...ANSWER, status: 'queued' }),
    );
    end();
    await clients.settled();
    expect(record).toMatchObject({ state: 'accepted' });
    expect(record.doneAtMs).toBeUndefined();
  });

  it('asks a few again at the end, and repeats their keys', async () => {
    const life = live(({ method }) => json(200, method === 'POST' ? ANSWER : { ...ANSWER, score: 0.5 }), {
      keyed: true,
    });
    await life.clients.settled();
    const repeats = await verifyAgain(life.clients.records, 10, {
      http: life.http,
      now: life.now,
      waitMs: 1000,
    });
    expect(repeats).toEqual([{ requestId: 'run-0', before: ['task-0'], after: ['task-0'] }]);
    expect(life.record.tasks[0]?.finals.map(({ by, score }) => [by, score])).toEqual([
      ['answer', 0.99],
      ['again', 0.5],
    ]);
  });
});

describe('what an answer to POST /infer says', () => {
  it.each([
    ['one answer', json(200, ANSWER), 1, { kind: 'accepted', by: 'answer' }],
    ['many answers', json(200, { tasks: [ANSWER, ANSWER] }), 2, { kind: 'accepted', by: 'answer' }],
    ['a receipt', json(202, RECEIPT), 1, { kind: 'accepted', by: 'receipt' }],
    ['too few answers', json(200, { tasks: [ANSWER] }), 2, { kind: 'unknown' }],
    [
      'a failed task',
      json(502, { code: 'task_failed', taskId: 't' }),
      1,
      { kind: 'accepted', tasks: [{ taskId: 't', status: 'failed' }] },
    ],
    [
      'an expired task',
      json(504, { code: 'deadline_exceeded', taskId: 't' }),
      1,
      { kind: 'accepted', tasks: [{ taskId: 't', status: 'expired' }] },
    ],
    [
      'a cancelled task',
      json(409, { code: 'task_cancelled', taskId: 't' }),
      1,
      { kind: 'accepted', tasks: [{ taskId: 't', status: 'cancelled' }] },
    ],
    ['a gateway that is none of ours', { status: 502, body: 'Bad Gateway' }, 1, { kind: 'unknown' }],
    ['a conflict of keys', json(409, { code: 'idempotency_conflict' }), 1, { kind: 'refused' }],
    ['tasks that are kept no longer', json(404, { code: 'not_found' }), 1, { kind: 'unknown' }],
  ])('%s', (_what, reply, texts, expected) => {
    expect(toAttempt(readInferReply(reply, texts))).toMatchObject(expected);
  });
});
