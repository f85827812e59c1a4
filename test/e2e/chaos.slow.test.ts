/** `npm run chaos` against a running system: what a person does who wants to see the promise kept. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../infra/process/project-root.js';
import { eventually } from '../support/eventually.js';
import { startFakeCollector, type CollectedSpan } from '../support/fake-collector.js';
import { call, getTask, getWorkers, post } from './clients.js';
import { isAlive, PATIENCE, startSystem, type System } from './system.js';

const LONG = PATIENCE.timeoutMs;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;
const main = join(projectRoot, 'dist', 'tools', 'chaos', 'main.js');

interface Process {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
  readonly url?: string;
}

interface Status {
  readonly processes: readonly Process[];
  readonly injected: readonly {
    readonly target: string;
    readonly what: string;
    readonly countLeft?: number;
  }[];
}

let data: string;
let system: System;
let collector: Awaited<ReturnType<typeof startFakeCollector>>;

const chaos = (...words: readonly string[]) => chaosOn(data, ...words);

function chaosOn(
  folder: string,
  ...words: readonly string[]
): Promise<{ code: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...words, '--data', folder], (_error, out, errors) =>
      resolve({ code: child.exitCode ?? -1, out, errors }),
    );
  });
}

async function status(): Promise<Status> {
  return JSON.parse((await chaos('status', '--json')).out) as Status;
}

async function find(name: string): Promise<Process> {
  const found = (await status()).processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

async function untilUp(workersUp: number): Promise<void> {
  await eventually(async () => {
    expect(await call(`${system.url}/readyz`)).toMatchObject({ status: 200, body: { workersUp } });
  }, PATIENCE);
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'boomerang-chaos-'));
  collector = await startFakeCollector();
  system = await startSystem({
    data,
    flags: ['--faults', 'none', '--workers', '2', '--redelivery', 'backoff', '--visibility-timeout', '2'],
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  await untilUp(2);
}, LONG);

afterAll(async () => {
  await system.end();
  await collector.close();
  await rm(data, { recursive: true, force: true });
}, LONG);

describe('npm run chaos against a running system', { timeout: LONG }, () => {
  it('finds it by a note that only its owner can read', async () => {
    expect(statSync(join(data, 'supervisor.json')).mode & 0o777).toBe(0o600);
    const { code, out } = await chaos('status');
    expect(code).toBe(0);
    for (const name of ['stack', 'coordinator', 'worker-1', 'worker-2']) {
      expect(out).toMatch(new RegExp(`^${name} +running +pid \\d+ +http://127\\.0\\.0\\.1:\\d+$`, 'm'));
    }
  });

  it('says what it did not find', async () => {
    const elsewhere = await chaosOn(join(data, 'nowhere'), 'status');
    expect(elsewhere.code).toBe(2);
    const unknown = await chaos('kill', 'worker-3');
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.errors).toContain('there is no "worker-3" here');
  });

  it('kills a worker, which comes back as itself, and tasks are answered all the while', async () => {
    const before = await find('worker-1');
    expect(await chaos('kill', 'worker-1')).toMatchObject({
      code: 0,
      out: 'worker-1: killed; comes back by itself\n',
    });
    await eventually(() => !isAlive(before.pid ?? 0), PATIENCE);
    expect(await post(system.url, { text: 'It works without that one.' })).toMatchObject({ status: 200 });
    await eventually(async () => {
      expect(await find('worker-1')).toMatchObject({ state: 'running', url: before.url });
    }, PATIENCE);
    await untilUp(2);
    expect((await find('worker-1')).pid).not.toBe(before.pid);
  });

  it('injects faults that stand in the history, the statistics and the heartbeat', async () => {
    expect((await chaos('fault', 'all', 'error=0.5', '--count', '1')).code).toBe(0);
    expect((await status()).injected).toEqual([
      { target: 'worker-1', what: 'error=0.5', countLeft: 1 },
      { target: 'worker-2', what: 'error=0.5', countLeft: 1 },
    ]);
    const { body } = await post(
      system.url,
      { text: 'Two fail, the third succeeds.' },
      { traceparent: CALLER },
    );
    expect(body).toMatchObject({ status: 'succeeded', deliveries: 3 });
    const { taskId } = body as { taskId: string };
    const { history } = await getTask(system.url, taskId);
    expect(history.map(({ outcome, fault }) => [outcome, fault])).toEqual([
      ['failed', 'error'],
      ['failed', 'error'],
      ['succeeded', undefined],
    ]);
    await eventually(async () => {
      expect((await call(`${system.url}/stats`)).body).toMatchObject({ counts: { 'faults.error': 2 } });
      expect(await getWorkers(system.url)).toMatchObject([
        { injected: { error: 1 } },
        { injected: { error: 1 } },
      ]);
    }, PATIENCE);
    expect(system.logLines('fault.injected')).toHaveLength(2);
    expect((await status()).injected).toEqual([]);
  });

  it('tells a request, its queue, each delivery and what its worker did as one trace, over all processes', async () => {
    const spans = () => collector.spans.filter(({ traceId }) => traceId === TRACE);
    const named = (name: string) =>
      spans()
        .filter((span) => span.name === name)
        .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
    await eventually(() => {
      expect(named('infer')).toHaveLength(1);
      expect(named('deliver')).toHaveLength(3);
      expect(named('function')).toHaveLength(3);
      expect(named('compute')).toHaveLength(1);
    }, PATIENCE);
    const [infer, send] = [...named('infer'), ...named('send')];
    expect(infer?.parentSpanId).toBe(CALLER.split('-')[2]);
    expect(send?.parentSpanId).toBe(infer?.spanId);
    const [deliveries, invokes, functions] = [named('deliver'), named('invoke'), named('function')];
    expect(deliveries.map(({ parentSpanId }) => parentSpanId)).toEqual(deliveries.map(() => send?.spanId));
    expect(deliveries.map(({ attributes }) => attributes['boomerang.outcome'])).toEqual([
      'failed',
      'failed',
      'succeeded',
    ]);
    expect(invokes.map(({ parentSpanId }) => parentSpanId)).toEqual(deliveries.map(({ spanId }) => spanId));
    expect(functions.map(({ parentSpanId }) => parentSpanId)).toEqual(invokes.map(({ spanId }) => spanId));
    expect(named('compute').map(({ parentSpanId }) => parentSpanId)).toEqual([functions[2]?.spanId]);
    const servicesOf = (of: readonly CollectedSpan[]) => [...new Set(of.map(({ service }) => service))];
    expect(servicesOf([...named('infer'), ...named('send'), ...deliveries, ...invokes])).toEqual([
      'boomerang-coordinator',
    ]);
    expect(servicesOf([...functions, ...named('compute')])).toEqual(['boomerang-function']);
  });

  it('lets a crash meet both workers, although each comes back', async () => {
    const before = [(await find('worker-1')).pid, (await find('worker-2')).pid];
    await chaos('fault', 'all', 'crash=1', '--count', '1');
    const { body } = await post(system.url, { text: 'Both die of it.' });
    expect(body).toMatchObject({ status: 'succeeded' });
    const { history } = await getTask(system.url, (body as { taskId: string }).taskId);
    const crashes = history.filter(({ fault }) => fault === 'crash');
    expect(crashes.map(({ workerId }) => workerId).toSorted()).toEqual(['worker-1', 'worker-2']);
    await untilUp(2);
    expect((await status()).injected).toEqual([]);
    expect(before.some((pid) => isAlive(pid ?? 0))).toBe(false);
    await eventually(async () => {
      expect((await call(`${system.url}/stats`)).body).toMatchObject({ counts: { 'faults.crash': 2 } });
    }, PATIENCE);
  });

  it('heals whatever was broken', async () => {
    expect((await chaos('pause', 'worker-1')).code).toBe(0);
    expect((await chaos('stop', 'worker-2')).code).toBe(0);
    expect((await chaos('latency', 'stack', '20±10', '--for', '1h')).code).toBe(0);
    expect((await chaos('status')).out).toMatch(/paused[^]*stopped|stopped[^]*paused/);
    expect((await chaos('status')).out).toContain('latency 20±10 ms');
    const healed = await chaos('heal');
    expect(healed.errors).toBe('');
    expect(healed.out.split('\n').toSorted()).toEqual([
      '',
      'stack: latency 20±10 ms off',
      'worker-1: resumed',
      'worker-2: started',
    ]);
    await untilUp(2);
    expect((await chaos('heal')).out).toBe('nothing to heal\n');
    expect((await post(system.url, { text: 'All is well again.' })).status).toBe(200);
  });

  it('heals workers that die of every invoke', async () => {
    await chaos('fault', 'all', 'crash=1');
    const reply = post(system.url, { text: 'It comes back in the end.' });
    await eventually(() => system.logLines('fault.injected').length >= 4, PATIENCE);
    const { code, out } = await chaos('heal');
    expect({ code, crashes: out.match(/faults off \(crash=1\)/g) }).toMatchObject({
      code: 0,
      crashes: { length: 2 },
    });
    expect((await reply).body).toMatchObject({ status: 'succeeded' });
  });

  it('empties the queue', async () => {
    expect(await chaos('empty', 'queue')).toMatchObject({ code: 0, out: 'queue: emptied\n' });
  });

  it('leaves nothing behind when the system stops, frozen or not', async () => {
    await chaos('fault', 'worker-1', 'error=0.1');
    await chaos('pause', 'worker-2');
    await chaos('stop', 'worker-1');
    expect(await system.stop()).toBe(0);
    expect(system.pids().filter(isAlive)).toEqual([]);
    expect(readdirSync(data)).toEqual(['stack']);
    const gone = await chaos('status');
    expect(gone).toMatchObject({ code: 2, out: '' });
    expect(gone.errors).toContain(`nothing runs on ${data}`);
    expect(existsSync(join(data, 'supervisor.json'))).toBe(false);
  });
});
