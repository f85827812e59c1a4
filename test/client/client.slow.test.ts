import { describe, expect, it, onTestFinished } from 'vitest';
import {
  BoomerangClient,
  ConnectionError,
  NotFinishedError,
  ProblemError,
  UnreadableAnswerError,
} from '../../client/index.js';
import { delayBefore } from '../../client/retry.js';
import { fail, succeedAll } from '../support/fake-functions.js';
import { startHttpCoordinator } from '../support/http-coordinator.js';
import { ANSWER, problem, reply } from './fake-coordinator.js';
import { useClients } from './set-up.js';

const setUp = useClients();

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`resolved with ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}

describe('a call', () => {
  it('gives up on an answer that comes in drops and never ends', async () => {
    const { client } = await setUp(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drops = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(drops));
      },
      { timeoutMs: 200, retries: 0 },
    );
    expect(await thrown(client.infer('good'))).toMatchObject({
      name: 'ConnectionError',
      cause: { message: 'the answer had not ended 200 ms after it began' },
    });
  });

  it('sends what it was asked for', async () => {
    const { client, seen } = await setUp((_, response) => reply(response, 200, ANSWER), { apiKey: 'secret' });
    const options = { deadlineMs: 900, waitSeconds: 5, requestId: 'mine', idempotencyKey: 'key-1' };
    expect(await client.infer('good', options)).toEqual(ANSWER);
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/infer',
        body: { text: 'good', deadlineMs: 900 },
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer secret',
          prefer: 'wait=5',
          'x-request-id': 'mine',
          'idempotency-key': 'key-1',
        },
      },
    ]);
  });

  it('takes one request, and no key where nothing is tried again', async () => {
    const { client, seen } = await setUp((_, response) => reply(response, 200, ANSWER), { retries: 0 });
    await client.infer('good');
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it('gives the answer as it came to who wants to judge it', async () => {
    const { client } = await setUp((_, response) =>
      problem(response, 429, 'overloaded', { 'retry-after': '7' }),
    );
    const raw = await client.send({ text: 'good' }, { retries: 0 });
    expect(raw).toMatchObject({ status: 429, retryAfterMs: 7000, attempts: 1 });
    expect(JSON.parse(raw.body)).toMatchObject({ code: 'overloaded' });
  });
});

describe('what is refused for now', () => {
  it.each([
    [429, 'overloaded'],
    [503, 'stack_unavailable'],
  ])('with %i is tried again under the same key', async (status, code) => {
    const { client, seen } = await setUp((_, response, nth) =>
      nth < 3 ? problem(response, status, code) : reply(response, 200, ANSWER),
    );
    expect((await client.infer('good')).label).toBe('POSITIVE');
    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
    expect(new Set(seen.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('is not tried before the time that the coordinator names', async () => {
    const { client, seen } = await setUp((_, response, nth) =>
      nth < 2 ? problem(response, 429, 'overloaded', { 'retry-after': '1' }) : reply(response, 200, ANSWER),
    );
    await client.infer('good');
    expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('is not tried before the date that something in between names', async () => {
    const { client, seen } = await setUp((_, response, nth) => {
      const date = new Date(Date.now() + 2000).toUTCString(); // it knows no parts of a second
      if (nth < 2) problem(response, 503, 'shutting_down', { 'retry-after': date });
      else reply(response, 200, ANSWER);
    });
    await client.infer('good');
    expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(900);
  });

  it('is given up after so many tries, with the last refusal', async () => {
    const { client, seen } = await setUp((_, response) => problem(response, 429, 'overloaded'), {
      retries: 2,
    });
    const error = await thrown(client.infer('good'));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'overloaded', status: 429, attempts: 3 });
    expect(seen).toHaveLength(3);
  });

  it('is given up where the deadline would be over', async () => {
    const { client, seen } = await setUp((_, response) =>
      problem(response, 429, 'overloaded', { 'retry-after': '60' }),
    );
    expect(await thrown(client.infer('good', { deadlineMs: 500 }))).toMatchObject({ code: 'overloaded' });
    expect(seen).toHaveLength(1);
  });

  it('is given up at once when the caller gives up', async () => {
    const giveUp = new AbortController();
    const { client } = await setUp((_, response) => {
      problem(response, 429, 'overloaded', { 'retry-after': '60' });
      response.once('close', () => giveUp.abort(new Error('changed my mind')));
      response.once('finish', () => giveUp.abort(new Error('changed my mind')));
    });
    await expect(client.infer('good', { signal: giveUp.signal })).rejects.toThrow('changed my mind');
  });
});

describe('many calls at once', () => {
  it.each([undefined, new AbortController().signal])(
    'are no leak to Node, with signal %s',
    async (signal) => {
      const warnings: Error[] = [];
      const note = (warning: Error): void => void warnings.push(warning);
      process.on('warning', note);
      onTestFinished(() => void process.off('warning', note));
      const { client, seen } = await setUp((_, response, nth) =>
        nth <= 20
          ? problem(response, 429, 'overloaded', { 'retry-after': '1' })
          : reply(response, 200, ANSWER),
      );
      const options = signal === undefined ? {} : { signal };
      await Promise.all(Array.from({ length: 20 }, () => client.infer('good', options)));
      expect(seen).toHaveLength(40);
      expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
    },
  );
});

describe('what cannot come to anything', () => {
  it('is not tried again: a header that no HTTP allows', async () => {
    const { client, seen } = await setUp((_, response) => reply(response, 200, ANSWER));
    const error = await thrown(client.infer('good', { requestId: 'two\nlines' }));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: 1 });
    expect(seen).toHaveLength(0);
  });

  it('is given up: an answer that does not end', async () => {
    const { client } = await setUp(
      (_, response) => {
        const more = (): void => {
          if (!response.destroyed) response.write(' '.repeat(1_000_000), more);
        };
        more();
      },
      { retries: 0 },
    );
    expect(await thrown(client.infer('good'))).toMatchObject({ name: 'ConnectionError' });
  });
});

describe('the time before the next try', () => {
  const delay = (attempts: number, random: number, retryAfterMs?: number) =>
    delayBefore(
      attempts,
      { attempts, reply: { status: 429, body: '', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } },
      () => random,
    );

  it('grows, is spread by chance, and is bounded', () => {
    expect([1, 2, 3, 4].map((attempts) => delay(attempts, 1))).toEqual([200, 400, 800, 1600]);
    expect(delay(30, 1)).toBe(5000);
    expect(delay(2, 0.25)).toBe(100);
    expect(delay(2, 0)).toBe(0);
  });

  it('comes on top of what the coordinator names', () => {
    expect(delay(1, 0, 3000)).toBe(3000);
    expect(delay(1, 0.5, 3000)).toBe(3100);
  });
});

describe('what gets no answer', () => {
  it('is tried again under the same key', async () => {
    const { client, seen } = await setUp((_, response, nth) => {
      if (nth < 3) response.destroy();
      else reply(response, 200, ANSWER);
    });
    await client.infer('good');
    expect(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(seen).toHaveLength(3);
  });

  it('is not tried again without a key, since it may have been taken in', async () => {
    const { client, seen } = await setUp((_, response) => response.destroy());
    const error = await thrown(client.infer('good', { idempotencyKey: false }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ attempts: 1 });
    expect(seen).toHaveLength(1);
  });

  it('is tried again even without a key where nobody listened', async () => {
    const client = new BoomerangClient({ url: 'http://127.0.0.1:1', random: () => 0, retries: 2 });
    onTestFinished(() => client.close());
    expect(await thrown(client.infer('good', { idempotencyKey: false }))).toMatchObject({
      name: 'ConnectionError',
      attempts: 3,
    });
  });
});

describe('what is no answer of a coordinator', () => {
  it.each([
    ['another shape', 200, { hello: 'world' }],
    ['no problem document', 500, { oops: true }],
    ['a task without a label', 200, { ...ANSWER, label: undefined }],
  ])('is an error: %s', async (_, status, body) => {
    const { client } = await setUp((_request, response) => reply(response, status, body));
    const error = await thrown(client.infer('good'));
    expect(error).toBeInstanceOf(UnreadableAnswerError);
    expect(error).toMatchObject({ status });
  });
});

describe('with a real coordinator', () => {
  const setUpReal = async (setup: Parameters<typeof startHttpCoordinator>[0] = {}) => {
    const coordinator = await startHttpCoordinator(setup);
    const client = new BoomerangClient({ url: coordinator.url, apiKey: setup.apiKey });
    onTestFinished(async () => {
      await client.close();
      await coordinator.stop();
    });
    return { coordinator, client };
  };

  it('infers one text and many, and shows a task', async () => {
    const { client } = await setUpReal({ apiKey: 'key' });
    const one = await client.infer('What a day');
    expect(one).toMatchObject({ status: 'succeeded', label: 'POSITIVE' });
    const many = await client.inferMany(['a', 'b', 'c']);
    expect(many.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await client.task(one.taskId)).toMatchObject({ text: 'What a day', status: 'succeeded' });
  });

  it('asks once where the coordinator took the text in before its answer was lost', async () => {
    const { client, coordinator } = await setUpReal();
    const options = { idempotencyKey: 'once' };
    const [first, second] = [await client.infer('same', options), await client.infer('same', options)];
    expect(second.taskId).toBe(first.taskId);
    expect(coordinator.functions.invokes).toHaveLength(1);
  });

  it('says that a task failed, expired, was cancelled, or is unknown', async () => {
    const { client } = await setUpReal({
      workers: 0,
      script: (invoke) => (invoke.request.tasks[0]?.text === 'fail' ? fail() : succeedAll(invoke)),
    });
    expect(await thrown(client.infer('late', { deadlineMs: 30 }))).toMatchObject({
      code: 'deadline_exceeded',
    });
    const [task] = await client.submit(['never']);
    const taskId = task?.taskId ?? '';
    expect(await client.cancel(taskId)).toMatchObject({ status: 'cancelled' });
    expect(await thrown(client.cancel(taskId))).toMatchObject({ code: 'not_cancellable', status: 409 });
    expect(await thrown(client.task('nonsense'))).toMatchObject({ code: 'not_found', status: 404 });
    expect(await thrown(client.infer(' '))).toMatchObject({
      code: 'invalid_request',
      problem: { errors: [{ path: 'text' }] },
    });
  });

  it('names the tasks that are not finished when the wait is over', async () => {
    const { client } = await setUpReal({ workers: 0 });
    const error = await thrown(client.inferMany(['a', 'b'], { waitSeconds: 0 }));
    expect(error).toBeInstanceOf(NotFinishedError);
    expect(error).toMatchObject({ tasks: [{ status: 'queued' }, { status: 'queued' }] });
  });
});
