/** How a coordinator ends: a real process, a real queue, and a worker that takes its time. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { invokeRequestSchema, type InvokeRequest } from '../../contracts/worker/invoke.js';
import { SqsBatchQueue } from '../../infra/aws/sqs-batch-queue.js';
import { projectRoot } from '../../infra/process/project-root.js';
import { startCuttableProxy } from '../support/cuttable-proxy.js';
import { startTestStack, type TestStack } from '../support/embedded.js';
import { eventually } from '../support/eventually.js';
import { readEvents } from '../support/event-reader.js';
import { answer, success } from '../support/fake-functions.js';
import { heartbeatOf } from '../support/running-coordinator.js';
import { PATIENCE, startProgram, type TestProcess } from '../support/process/child.js';

const TOKEN = 'token-of-the-workers';
const LONG_VISIBILITY = { VISIBILITY_TIMEOUT_SECONDS: '60', INVOKE_TIMEOUT_MS: '60000' };

interface HeldInvoke {
  readonly request: InvokeRequest;
  answer(): void;
}

interface TaskList {
  readonly tasks: readonly { readonly taskId: string }[];
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Holds every invoke until it is told to answer. */
async function startSlowWorker() {
  const held: HeldInvoke[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      if (request.url === '/invoke') hold(invokeRequestSchema.parse(JSON.parse(text)), response);
      else response.end('{}');
    });
  });
  const hold = (request: InvokeRequest, response: ServerResponse) => {
    const outcomes = request.tasks.map(({ taskId, text }) => success(taskId, text));
    held.push({
      request,
      answer: () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer('worker-1', outcomes)));
      },
    });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { held, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

interface Running {
  readonly process: TestProcess;
  readonly url: string;
  readonly post: (text: string) => Promise<Reply>;
}

async function startCoordinator(stackUrl: string, workerAddress: string, environment = {}): Promise<Running> {
  const process = startProgram(join(projectRoot, 'dist', 'coordinator', 'main.js'), {
    supervised: true,
    environment: {
      PORT: '0',
      WORKER_TOKEN: TOKEN,
      AWS_ENDPOINT_URL: stackUrl,
      ...LONG_VISIBILITY,
      ...environment,
    },
  });
  const url = String((await process.message('ready'))['url']);
  const beat = () =>
    fetch(`${url}/workers/worker-1/heartbeat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ ...heartbeatOf('worker-1'), address: workerAddress }),
    }).catch(() => undefined);
  await beat();
  const beats = setInterval(() => void beat(), 500);
  onTestFinished(() => clearInterval(beats));
  const post = async (text: string) => {
    const reply = await fetch(`${url}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });
    return { status: reply.status, body: await reply.json() };
  };
  return { process, url, post };
}

async function startedStack(): Promise<TestStack> {
  const stack = await startTestStack({ queue: { visibilityTimeoutSeconds: 60 } });
  onTestFinished(() => stack.close());
  return stack;
}

const queueOf = ({ clients, resources }: TestStack) => new SqsBatchQueue(clients.sqs, resources);

describe('a coordinator that is asked to stop', () => {
  it('refuses new work, lets what runs end and answers its client, then exits with 0', async () => {
    const stack = await startedStack();
    const worker = await startSlowWorker();
    const { process, post } = await startCoordinator(stack.url, worker.address);
    const waiting = post('almost done');
    await eventually(() => worker.held.length === 1, PATIENCE);
    process.child.kill('SIGTERM');
    await eventually(() => process.stdout().includes('process.stopping'), PATIENCE);
    expect(await post('too late')).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    worker.held[0]?.answer();
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'succeeded', deliveries: 1 } });
    expect(await process.end()).toBe(0);
    expect((await queueOf(stack).depth()).inFlight).toBe(0);
  });

  it('gives back at once what does not end in time, and its client gets 202 and the id', async () => {
    const stack = await startedStack();
    const worker = await startSlowWorker();
    const first = await startCoordinator(stack.url, worker.address, { SHUTDOWN_DEADLINE_MS: '300' });
    const waiting = first.post('stuck');
    await eventually(() => worker.held.length === 1, PATIENCE);
    first.process.child.kill('SIGTERM');
    const reply = await waiting;
    expect(reply).toMatchObject({ status: 202, body: { tasks: [{ taskId: expect.any(String) as string }] } });
    expect(await first.process.end()).toBe(0);

    const second = await startCoordinator(stack.url, worker.address);
    await eventually(() => worker.held.length === 2, PATIENCE); // long before the visibility timeout
    worker.held[1]?.answer();
    const [{ taskId }] = (reply.body as { tasks: [{ taskId: string }] }).tasks;
    await eventually(async () => {
      const task = await (await fetch(`${second.url}/tasks/${taskId}`)).json();
      expect(task).toMatchObject({
        status: 'succeeded',
        history: [{ outcome: 'released' }, { outcome: 'succeeded' }],
      });
    }, PATIENCE);
    second.process.child.kill('SIGTERM');
    expect(await second.process.end()).toBe(0);
  });

  it('ends its event streams at once, and waits for none of them', async () => {
    const stack = await startedStack();
    const worker = await startSlowWorker();
    const { process, url, post } = await startCoordinator(stack.url, worker.address);
    const feed = await readEvents(`${url}/events`);
    const waiting = post('held');
    await eventually(() => worker.held.length === 1, PATIENCE);
    const { tasks } = (await feed.next('tasks', ({ tasks }: TaskList) => tasks.length > 0)).data as TaskList;
    const followed = await readEvents(`${url}/tasks/${tasks[0]?.taskId ?? ''}/events`);
    process.child.kill('SIGTERM');
    expect(await feed.end()).toBe('by the server');
    expect(await followed.end()).toBe('by the server');
    worker.held[0]?.answer();
    expect(await waiting).toMatchObject({ status: 200 });
    expect(await process.end()).toBe(0);
  });

  it('ends at once by a second signal', async () => {
    const stack = await startedStack();
    const worker = await startSlowWorker();
    const { process, post } = await startCoordinator(stack.url, worker.address, {
      SHUTDOWN_DEADLINE_MS: '600000',
    });
    const waiting = post('stuck').catch(() => undefined);
    await eventually(() => worker.held.length === 1, PATIENCE);
    process.child.kill('SIGTERM');
    await eventually(() => process.stdout().includes('process.stopping'), PATIENCE);
    await eventually(() => !process.child.kill('SIGTERM'), PATIENCE);
    expect(await process.end()).toBe(143);
    await waiting;
  });

  it('exits with 0 although the stack answers nothing any more', async () => {
    const stack = await startedStack();
    const proxy = await startCuttableProxy(stack.url);
    onTestFinished(() => proxy.close());
    const worker = await startSlowWorker();
    const { process, post } = await startCoordinator(proxy.url, worker.address, {
      SHUTDOWN_DEADLINE_MS: '500',
    });
    const waiting = post('stuck');
    await eventually(() => worker.held.length === 1, PATIENCE);
    proxy.cut();
    process.child.kill('SIGTERM');
    expect(await waiting).toMatchObject({ status: 202, body: { tasks: [{ status: 'queued' }] } });
    expect(await process.end()).toBe(0);
  });
});
