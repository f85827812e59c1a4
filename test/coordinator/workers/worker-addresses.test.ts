import { createServer, type Server } from 'node:http';
import type { LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkList } from '../../../contracts/http/hosts.js';
import { HttpFunctionClient } from '../../../coordinator/workers/http-function-client.js';
import { originOfServer, originOfUrl } from '../../../coordinator/workers/reserved-origins.js';
import { WorkerAddresses } from '../../../coordinator/workers/worker-addresses.js';

/** Addresses that names lead to, as somebody who writes DNS records would have it. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'worker-1': ['127.0.0.1'],
  'metadata.evil.example': ['169.254.169.254'],
  'inside.evil.example': ['10.0.0.9'],
  'both.evil.example': ['169.254.169.254', '10.0.0.9'],
  'mapped.evil.example': ['::ffff:169.254.169.254'],
  'home.evil.example': ['192.168.1.1'],
};

function addresses(list: string): WorkerAddresses {
  return new WorkerAddresses(networkList().parse(list), [], (host, _options, done) => {
    const found = (NAMES[host] ?? []).map((address): LookupAddress => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    done(null, found);
  });
}

function resolve(list: string, host: string): Promise<string[] | string> {
  return new Promise((settle) => {
    addresses(list).lookup(host, { all: true }, (error, found) =>
      settle(error?.name ?? (typeof found === 'string' ? [found] : found.map(({ address }) => address))),
    );
  });
}

describe('where a worker may be', () => {
  it('is this machine where nothing is listed', () => {
    const only = addresses('');
    for (const address of [
      'http://127.0.0.1:9001',
      'http://localhost:9001',
      'http://[::1]:9001',
      'https://127.0.0.2',
    ])
      expect(only.mayBeAt(address)).toBe(true);
    for (const address of [
      'http://10.0.0.1:9001',
      'http://worker-1:9001',
      'http://169.254.169.254',
      'http://0.0.0.0:1',
    ])
      expect(only.mayBeAt(address)).toBe(false);
  });

  it.each([
    'http://127.0.0.1:9001/',
    'http://127.0.0.1:9001/latest/meta-data',
    'http://127.0.0.1:9001?x',
    'http://127.0.0.1:9001#x',
    'http://user:password@127.0.0.1:9001',
    'http://127.0.0.1:9001@10.0.0.1',
    'http://127.0.0.1:9001\\@10.0.0.1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'http://',
    'http://127.0.0.1:99999',
    '127.0.0.1:9001',
    '',
  ])('is a plain origin, not %j', (address) => {
    expect(addresses('').mayBeAt(address)).toBe(false);
  });

  it('is what is listed: names, what is below a name, addresses, networks', () => {
    const listed = addresses('worker-1, *.workers.internal,192.168.7.7,10.0.0.0/16,fd00::/8');
    for (const host of [
      'worker-1',
      'WORKER-1',
      'a.workers.internal',
      '192.168.7.7',
      '10.0.255.1',
      '[fd12::1]',
    ])
      expect(listed.mayBeAt(`http://${host}:9001`)).toBe(true);
    for (const host of ['192.168.7.8', '10.1.0.1', '169.254.169.254', '[fe80::1]', '[::ffff:a9fe:a9fe]'])
      expect(listed.mayBeAt(`http://${host}:9001`)).toBe(false);
    expect(addresses('worker-1').mayBeAt('http://worker-2:9001')).toBe(false);
  });

  it.each([
    'worker 1',
    'http://worker-1',
    'worker-1:9001',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0/8',
    '::/129',
    '*',
  ])('cannot be listed as %j', (list) => {
    expect(networkList().safeParse(list).success).toBe(false);
  });

  it('is looked at once more when a name is resolved', async () => {
    expect(await resolve('worker-1', 'worker-1')).toEqual(['127.0.0.1']);
    expect(await resolve('10.0.0.0/8', 'inside.evil.example')).toEqual(['10.0.0.9']);
    expect(await resolve('10.0.0.0/8', 'both.evil.example')).toEqual(['10.0.0.9']);
    expect(await resolve('10.0.0.0/8', 'metadata.evil.example')).toBe('AddressNotAllowedError');
    expect(await resolve('10.0.0.0/8', 'home.evil.example')).toBe('AddressNotAllowedError');
    expect(await resolve('*.evil.example', 'home.evil.example')).toEqual(['192.168.1.1']);
    for (const name of ['metadata.evil.example', 'mapped.evil.example'])
      expect(await resolve('*.evil.example', name)).toBe('AddressNotAllowedError');
    expect(await resolve('*.evil.example,169.254.169.0/24', 'metadata.evil.example')).toEqual([
      '169.254.169.254',
    ]);
  });
});

describe('an invoke', () => {
  const requested: string[] = [];
  let server: Server;
  let address: string;
  let answer: { status: number; headers?: Record<string, string>; body: string };
  beforeAll(async () => {
    server = createServer((request, response) => {
      requested.push(request.url ?? '');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  async function invoke(at: string, list = ''): Promise<unknown> {
    const client = new HttpFunctionClient('token-of-the-workers', addresses(list));
    const request = {
      batchId: 'batch',
      batchNumber: 1,
      delivery: 1,
      tasks: [{ taskId: 'task', text: 'text' }],
    };
    try {
      return await client
        .invoke({ id: 'worker-1', address: at }, request, {
          signal: AbortSignal.timeout(5000),
          onFault: () => undefined,
        })
        .catch((error: unknown) => error);
    } finally {
      await client.close();
    }
  }

  it('tells nothing of a foreign body but a code of ours', async () => {
    const secret = 'ASIA-the-secret-of-the-metadata-service';
    for (const [status, body, message] of [
      [500, secret, 'the worker answered 500'],
      [500, JSON.stringify({ code: secret, detail: secret }), 'the worker answered 500'],
      [
        401,
        JSON.stringify({ code: 'unauthorized', detail: secret }),
        'the worker answered 401: unauthorized',
      ],
    ] as const) {
      answer = { status, body };
      expect(await invoke(address)).toMatchObject({ code: `http_${status}`, message });
    }
    answer = { status: 200, body: JSON.stringify({ secret }) };
    const broken = await invoke(address);
    expect(broken).toMatchObject({ name: 'InvokeFailedError', code: 'broken_answer' });
    expect(String(broken)).not.toContain(secret);
  });

  it('follows no redirect', async () => {
    requested.length = 0;
    answer = { status: 307, headers: { location: `${address}/elsewhere` }, body: '' };
    expect(await invoke(address)).toMatchObject({ code: 'http_307' });
    expect(requested).toEqual(['/invoke']);
  });

  it('connects to no address that is not allowed, by number or by name', async () => {
    requested.length = 0;
    const { port } = new URL(address);
    for (const [at, list] of [
      ['http://169.254.169.254', ''],
      [`http://metadata.evil.example:${port}`, '*.evil.example'],
      [`http://unknown.evil.example:${port}`, '10.0.0.0/8'],
      [`${address}/elsewhere`, ''],
    ] as const) {
      expect(await invoke(at, list)).toMatchObject({ name: 'WorkerUnreachableError' });
    }
    expect(requested).toEqual([]);
    answer = { status: 500, body: '' };
    expect(await invoke(`http://worker-1:${port}`, 'worker-1')).toMatchObject({ code: 'http_500' });
  });
});

describe('the addresses of coordinator and stack', () => {
  const stack = originOfUrl('http://stack.internal:4566');
  const listed = ['stack.internal', 'coordinator-1', '10.0.0.0/8'];
  const bound = (host: string) =>
    new WorkerAddresses(listed, [originOfServer(host, 8080, ['Coordinator-1', '10.0.0.5']), stack]);

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8080'],
    ['127.0.0.1', 'http://localhost:8080'],
    ['127.0.0.1', 'http://LOCALHOST.:8080'],
    ['127.0.0.1', 'http://[::1]:8080'],
    ['127.0.0.1', 'http://127.1:8080'],
    ['127.0.0.1', 'https://127.0.0.1:8080'],
    ['127.0.0.1', 'http://stack.internal:4566'],
    ['0.0.0.0', 'http://localhost:8080'],
    ['0.0.0.0', 'http://coordinator-1:8080'],
    ['::', 'http://10.0.0.5:8080'],
    ['::', 'http://[::ffff:10.0.0.5]:8080'],
    ['10.0.0.5', 'http://10.0.0.5:8080'],
  ])('are no worker’s: bound to %s, %s', (host, address) => {
    expect(bound(host).mayBeAt(address)).toBe(false);
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:9001'],
    ['127.0.0.1', 'http://10.0.0.5:8080'],
    ['0.0.0.0', 'http://10.0.0.6:8080'],
    ['0.0.0.0', 'http://stack.internal:9001'],
  ])('are not others’: bound to %s, %s', (host, address) => {
    expect(bound(host).mayBeAt(address)).toBe(true);
  });

  it('are found without their port where it is the standard one', () => {
    const reserved = [originOfUrl('https://stack.internal')];
    expect(new WorkerAddresses(listed, reserved).mayBeAt('http://stack.internal:443')).toBe(false);
  });
});
