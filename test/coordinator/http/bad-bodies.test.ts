import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpCoordinator, WORKER_TOKEN, type HttpCoordinator } from '../../support/http-coordinator.js';

const MIB = 1024 * 1024;
const fill = (start: string, item: (index: number) => string, end: string): string => {
  const items: string[] = [];
  for (
    let length = start.length + end.length;
    length < MIB - 100;
    length += (items.at(-1) ?? '').length + 1
  ) {
    items.push(item(items.length));
  }
  return `${start}${items.join(',')}${end}`;
};

const BODIES: readonly (readonly [string, string])[] = [
  ['unknown fields', fill('{', (index) => `"${index.toString(36)}":1`, '}')],
  ['one field again and again', fill('{', () => '"a":1', '}')],
  ['brackets', `{"text":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
  ['objects in objects', `{"text":${'{"a":'.repeat(170_000)}1${'}'.repeat(170_000)}}`],
  ['500,000 wrong items', fill('{"texts":[', () => '1', ']}')],
  ['empty texts', fill('{"texts":[', () => '""', ']}')],
  ['empty objects', fill('{"taskIds":[', () => '{}', ']}')],
  ['256 blank texts', JSON.stringify({ texts: Array<string>(256).fill(' '.repeat(4000)) })],
  ['a long name', JSON.stringify({ ['k'.repeat(1_000_000)]: 1 })],
  ['a list', fill('[', () => '1', ']')],
  ['no JSON', '"'.repeat(1_000_000)],
  ['backslashes', `{"text":"${'\\'.repeat(1_000_000)}"}`],
];

describe('a body that cannot be used', () => {
  let coordinator: HttpCoordinator;
  beforeAll(async () => {
    coordinator = await startHttpCoordinator();
  });
  afterAll(() => coordinator.stop());

  const send = async (path: string, body: string) => {
    const answer = await coordinator.call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${WORKER_TOKEN}` },
      body,
    });
    return { ...answer, size: JSON.stringify(answer.body).length };
  };

  it.each(BODIES)('%s: a short answer, and nobody is held up', async (_name, body) => {
    const tookMs: number[] = [];
    for (const path of ['/infer', '/dead-letters/redrive', '/workers/w/heartbeat', '/infer']) {
      const before = process.cpuUsage();
      const { status, size } = await send(path, body);
      const { user, system } = process.cpuUsage(before);
      tookMs.push((user + system) / 1000);
      expect(status).toBe(400);
      expect(size).toBeLessThan(10_000);
    }
    expect(Math.min(...tookMs)).toBeLessThan(100); // of CPU; about 10, its client's part included; it was up to 400
  });

  it('names twenty and gives a number for the others', async () => {
    const { body } = await send('/infer', BODIES[0]?.[1] ?? '');
    expect(body).toMatchObject({ code: 'invalid_request' });
    expect((body as { moreErrors: number }).moreErrors).toBeGreaterThan(80_000);
    expect((body as { errors: unknown[] }).errors).toHaveLength(20);
  });

  it('says long paths, queries and ids back shortly', async () => {
    const long = 'x'.repeat(10_000);
    for (const path of [`/${long}`, `/tasks?${long}=1`, `/tasks?status=${long}`, `/tasks/${long}`]) {
      const answer = await coordinator.call(path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(answer.body).length).toBeLessThan(2000);
    }
    const many = Array.from({ length: 900 }, (_, index) => `q${index}=1`).join('&');
    const { body } = await coordinator.call(`/events?${many}`);
    expect(JSON.stringify(body).length).toBeLessThan(3000);
  });

  it('is refused in other encodings', async () => {
    const body = Buffer.from('{"text":"a"}', 'utf16le');
    const headers = { 'content-type': 'application/json; charset=utf-16' };
    expect((await coordinator.call('/infer', { method: 'POST', headers, body })).status).toBe(415);
  });
});
