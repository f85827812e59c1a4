import { getEventListeners } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fail, hang, scoreOf, succeedAll, type Script } from '../../support/fake-functions.js';
import { eventually } from '../../support/eventually.js';
import { startHttpCoordinator, type HttpCoordinator } from '../../support/http-coordinator.js';

const UUID = /^[0-9a-f-]{36}$/;

/** A text says what becomes of it. */
const script: Script = (invoke, _nth, invokeCall) => {
  const texts = invoke.request.tasks.map(({ text }) => text);
  if (texts.includes('hang')) return hang(invokeCall);
  if (texts.includes('fail')) return fail();
  return succeedAll(invoke);
};

let coordinator: HttpCoordinator;
beforeAll(async () => {
  coordinator = await startHttpCoordinator({ script, options: { invokeTimeoutMs: 30_000 } });
});
afterAll(() => coordinator.stop());

describe('POST /infer with one text', () => {
  it('answers with label, score, deliveries, worker and timings', async () => {
    const { status, headers, body } = await coordinator.post({ text: 'a fine day' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch('application/json');
    expect(body).toEqual({
      requestId: expect.stringMatching(UUID) as string,
      taskId: expect.stringMatching(/-0$/) as string,
      status: 'succeeded',
      label: 'POSITIVE',
      score: scoreOf('a fine day'),
      deliveries: 1,
      workerId: expect.stringMatching(/^worker-\d$/) as string,
      timings: {
        queueMs: expect.any(Number) as number,
        computeMs: 1,
        totalMs: expect.any(Number) as number,
      },
    });
  });

  it('says the request id back that it was given, and makes one for a bad one', async () => {
    const given = await coordinator.post({ text: 'mine' }, { 'x-request-id': 'my-id-1' });
    expect(given.body).toMatchObject({ requestId: 'my-id-1' });
    expect(given.headers.get('x-request-id')).toBe('my-id-1');
    const made = await coordinator.post({ text: 'yours' }, { 'x-request-id': 'x'.repeat(300) });
    expect(made.body).toMatchObject({ requestId: expect.stringMatching(UUID) as string });
  });

  it('answers 202 with a place to look when async, and the task ends there', async () => {
    const { status, headers, body } = await coordinator.post({ text: 'later' }, { prefer: 'respond-async' });
    expect(status).toBe(202);
    const location = headers.get('location') ?? '';
    expect(body).toEqual({
      requestId: expect.any(String) as string,
      tasks: [{ taskId: location.replace('/tasks/', ''), status: 'queued' }],
    });
    await eventually(async () => {
      expect((await coordinator.call(location)).body).toMatchObject({
        status: 'succeeded',
        text: 'later',
        history: [{ number: 1, outcome: 'succeeded' }],
      });
    });
  });

  it('answers 202 when the wait is over before the answer', async () => {
    const { status, body } = await coordinator.post({ text: 'hang' }, { prefer: 'wait=0, respond-async' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ tasks: [{ status: 'queued' }] });
  });

  it('answers 504 when the deadline comes first', async () => {
    const { status, body } = await coordinator.post({ text: 'hang', deadlineMs: 50 });
    expect(status).toBe(504);
    expect(body).toMatchObject({ code: 'deadline_exceeded', taskId: expect.any(String) as string });
  });
});

describe('POST /infer with many texts', () => {
  it('answers in the order asked, across batches', async () => {
    const texts = Array.from({ length: 256 }, (_, index) => `text ${'x'.repeat(index)}`);
    const { status, body } = await coordinator.post({ texts });
    expect(status).toBe(200);
    const { tasks } = body as { tasks: { score: number; status: string }[] };
    expect(tasks.map(({ score }) => score)).toEqual(texts.map(scoreOf));
    expect(new Set(tasks.map(({ status: each }) => each))).toEqual(new Set(['succeeded']));
  });

  it('gives each its own status', async () => {
    const { status, body } = await coordinator.post({ texts: ['fine', 'also fine'], deadlineMs: 60_000 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ tasks: [{ status: 'succeeded' }, { status: 'succeeded' }] });
  });
});

describe('texts of all kinds', () => {
  it.each([
    ['a lone surrogate', Buffer.from('{"text":"\\ud800"}'), '\ufffd'],
    ['surrogates in the wrong order', Buffer.from('{"text":"\\udc00\\ud800"}'), '\ufffd\ufffd'],
    ['a byte that is no UTF-8', Buffer.from('{"text":"a\xffb"}', 'latin1'), 'a\ufffdb'],
    ['half a character', Buffer.from('{"text":"a\xf0\x9f\x98"}', 'latin1'), 'a\ufffd'],
    ['a surrogate in UTF-8', Buffer.from('{"text":"\xed\xa0\x80"}', 'latin1'), '\ufffd\ufffd\ufffd'],
  ])('%s becomes U+FFFD', async (_name, bytes, expected) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await coordinator.call('/infer', { method: 'POST', headers, body: new Uint8Array(bytes) });
    expect(answer).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    const { taskId } = answer.body as { taskId: string };
    expect((await coordinator.call(`/tasks/${taskId}`)).body).toMatchObject({ text: expected });
  });

  it.each([
    ['emoji', 'great 😀👩‍👩‍👧'],
    ['right-to-left', 'שלום עולם مرحبا'],
    ['NUL', 'a\u0000b'],
    ['a lone surrogate', 'x\ud800y'],
    ['10,000 units', 'a'.repeat(10_000)],
    ['10,000 units of emoji', '😀'.repeat(5000)],
    ['JSON inside', '{"text":"\\u0000"}'],
    ['line ends', 'one\r\ntwo\u2028three'],
  ])('%s come back as they were sent, made well-formed', async (_name, text) => {
    const { status, headers } = await coordinator.post({ text }, { prefer: 'respond-async' });
    expect(status).toBe(202);
    await eventually(async () => {
      const { body } = await coordinator.call(headers.get('location') ?? '');
      expect(body).toMatchObject({ status: 'succeeded', text: text.toWellFormed() });
    });
  });
});

describe('what cannot be understood', () => {
  const long = 'a'.repeat(10_001);
  it.each([
    ['empty text', { text: '' }, 'text'],
    ['blank text', { text: ' \t\n ' }, 'text'],
    ['text that is no string', { text: 7 }, 'text'],
    ['null text', { text: null }, 'text'],
    ['a text too long', { text: long }, 'text'],
    ['a text of too many UTF-16 units', { text: '😀'.repeat(5001) }, 'text'],
    ['no text at all', {}, 'text'],
    ['both text and texts', { text: 'a', texts: ['b'] }, 'text'],
    ['no texts', { texts: [] }, 'texts'],
    ['257 texts', { texts: Array.from({ length: 257 }, () => 'a') }, 'texts'],
    ['texts that are no array', { texts: 'a' }, 'texts'],
    ['one blank among the texts', { texts: ['a', ' '] }, 'texts.1'],
    ['one too long among the texts', { texts: ['a', long] }, 'texts.1'],
    ['a deadline of 0', { text: 'a', deadlineMs: 0 }, 'deadlineMs'],
    ['a deadline below 0', { text: 'a', deadlineMs: -5 }, 'deadlineMs'],
    ['a deadline that is no number', { text: 'a', deadlineMs: 'soon' }, 'deadlineMs'],
    ['a deadline beyond any calendar', { text: 'a', deadlineMs: 1e300 }, 'deadlineMs'],
    ['an unknown field', { text: 'a', txt: 'b' }, 'txt'],
    ['an array', ['a'], ''],
    ['a number in a body', 12, ''],
    ['broken JSON', '{"text": "a"', ''],
    ['no body', '', 'text'],
    ['null', 'null', ''],
  ])('%s: 400 that names the field', async (_name, body, path) => {
    const answer = await coordinator.post(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      requestId: expect.any(String) as string,
    });
    const { errors } = answer.body as { errors: { path: string; message: string }[] };
    expect(errors.map((error) => error.path)).toContain(path);
  });

  it.each([
    ['text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['another charset', 'application/json; charset=iso-8859-1'],
  ])('%s: 415', async (_name, contentType) => {
    const answer = await coordinator.post({ text: 'a' }, { 'content-type': contentType });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('no content type: 415', async () => {
    const answer = await coordinator.call('/infer', { method: 'POST', body: new Uint8Array([123, 125]) });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('a compressed body: 415', async () => {
    const answer = await coordinator.post('garbage', { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('a body over 1 MiB: 413, told by its length before it is read', async () => {
    const answer = await coordinator.post({ texts: Array.from({ length: 150 }, () => 'a'.repeat(9000)) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  it('a body over 1 MiB without a length: 413', async () => {
    const chunk = new TextEncoder().encode('a'.repeat(64 * 1024));
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 20) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
    const answer = await coordinator.call('/infer', init as RequestInit);
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  it('a body without an end: 413 and an end of the connection, soon after its first MiB', async () => {
    const { port } = new URL(coordinator.url);
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    let sentMib = 0;
    socket.on('data', (data) => (answer += data.toString())).on('error', () => undefined);
    socket.write(
      `POST /infer HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const send = () => {
      for (; !socket.destroyed && socket.writable; sentMib += 1 / 16)
        if (!socket.write(`10000\r\n${'a'.repeat(65_536)}\r\n`)) return;
    };
    socket.on('drain', send);
    send();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/); // the end of the connection may overtake it
    expect(sentMib).toBeLessThan(512);
  });

  it('an idempotency key that cannot be used: 400', async () => {
    const answer = await coordinator.post({ text: 'a' }, { 'idempotency-key': 'k'.repeat(201) });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } });
  });

  it('a client that hangs up in the middle of its body changes nothing', async () => {
    const { port } = new URL(coordinator.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /infer HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"te',
    );
    await new Promise((resolve) => socket.once('ready', resolve));
    socket.destroy();
    expect((await coordinator.post({ text: 'still here' })).status).toBe(200);
  });
});

describe('a client that leaves', () => {
  it('does not cancel its task', async () => {
    const leaving = new AbortController();
    const requested = coordinator
      .call('/infer', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': 'leaver' },
        body: JSON.stringify({ text: 'abandoned' }),
        signal: leaving.signal,
      })
      .catch(() => 'left');
    leaving.abort();
    await requested;
    const answer = await coordinator.post({ text: 'next' });
    expect(answer.status).toBe(200);
  });
});

describe('clients that leave before their task is accepted', () => {
  it('leave nothing behind', async () => {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const leaving = new AbortController();
        const requested = coordinator
          .call('/infer', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ text: 'gone' }),
            signal: leaving.signal,
          })
          .catch(() => 'left');
        setImmediate(() => leaving.abort());
        await requested;
      }),
    );
    await eventually(() => getEventListeners(coordinator.waitingOver.signal, 'abort').length === 0);
  });
});

describe('idempotency', () => {
  it('answers a repeat as the first, and another body with 409', async () => {
    const first = await coordinator.post({ text: 'just once' }, { 'idempotency-key': 'k1' });
    const second = await coordinator.post({ text: 'just once' }, { 'idempotency-key': 'k1' });
    expect(second.status).toBe(200);
    expect({ ...(second.body as object), requestId: '' }).toEqual({
      ...(first.body as object),
      requestId: '',
    });
    const other = await coordinator.post({ text: 'something else' }, { 'idempotency-key': 'k1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });
  });
});
