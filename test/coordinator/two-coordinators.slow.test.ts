/**
 * Two coordinators, real processes, on one queue: either receives what the other accepted, and the client of each gets
 * its answer, also where one of them is killed.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { projectRoot } from '../../infra/process/project-root.js';
import { echo, startFakeWorker, TOKEN } from '../functions/support/fake-worker.js';
import { startTestStack, type TestStack } from '../support/embedded.js';
import { eventually } from '../support/eventually.js';
import { PATIENCE, startProgram, type TestProcess } from '../support/process/child.js';

const VISIBILITY_SECONDS = 3;
const SETTINGS = {
  PORT: '0',
  WORKER_TOKEN: TOKEN,
  MAX_BATCH_TASKS: '1',
  VISIBILITY_TIMEOUT_SECONDS: String(VISIBILITY_SECONDS),
  INVOKE_TIMEOUT_MS: '2000',
};

const taskSchema = z.object({ taskId: z.string(), status: z.string(), label: z.string().optional() });
const tasksSchema = z.object({ tasks: z.array(taskSchema) });
const textsOf = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`);

class Client {
  readonly process: TestProcess;
  readonly url: string;

  constructor(process: TestProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  async call(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
    const reply = await fetch(this.url + path, init);
    return { status: reply.status, body: await reply.json() };
  }

  post(body: object, headers: Record<string, string> = {}) {
    return this.call('/infer', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async submit(text: string, headers: Record<string, string> = {}): Promise<string> {
    const { body } = await this.post({ text }, { prefer: 'respond-async', ...headers });
    return tasksSchema.parse(body).tasks[0]?.taskId ?? '';
  }

  async task(taskId: string) {
    return taskSchema.parse((await this.call(`/tasks/${taskId}`)).body);
  }
}

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ queue: { visibilityTimeoutSeconds: VISIBILITY_SECONDS } });
});
afterAll(() => stack.close());

/** Runs wait while it is closed. */
let opened = Promise.resolve();
let running = 0;
beforeEach(() => {
  opened = Promise.resolve();
  running = 0;
});

async function run(texts: readonly string[]) {
  running += 1;
  await opened;
  return echo(texts);
}

/** Closes the workers; returns the way to open them. */
function holdWorkers(): () => void {
  let open: () => void = () => undefined;
  opened = new Promise((resolve) => (open = resolve));
  return open;
}

/** Each with a worker of its own that beats there: the other learns of it from DynamoDB. */
async function startTwo(): Promise<readonly [Client, Client]> {
  const both = await Promise.all([startOne('worker-1'), startOne('worker-2')]);
  for (const client of both)
    await eventually(async () => {
      const { body } = await client.call('/readyz');
      expect(body).toMatchObject({ workersUp: 2 });
    }, PATIENCE);
  return both;
}

async function startOne(workerId: string): Promise<Client> {
  const process = startProgram(join(projectRoot, 'dist', 'coordinator', 'main.js'), {
    supervised: true,
    environment: { ...SETTINGS, AWS_ENDPOINT_URL: stack.url },
  });
  const url = String((await process.message('ready'))['url']);
  const worker = await startFakeWorker({
    run,
    coordinatorUrl: url,
    drainMs: 100,
    config: { workerId, visibilityTimeoutSeconds: VISIBILITY_SECONDS },
  });
  onTestFinished(() => worker.stop());
  return new Client(process, url);
}

async function end(...clients: readonly Client[]): Promise<void> {
  for (const { process } of clients) process.child.kill('SIGTERM');
  for (const { process } of clients) expect(await process.end()).toBe(0);
}

describe('two coordinators on one queue', () => {
  it('answer their own clients, whichever of them received the work, with keys and cancels that hold at both', async () => {
    const [one, other] = await startTwo();
    const release = holdWorkers();
    const waiting = textsOf(24, 'waiting').map((text, index) => ({
      text,
      reply: (index % 2 === 0 ? one : other).post({ text }, { prefer: 'wait=20' }),
    }));
    await eventually(() => running === 2, PATIENCE);

    // Asked at both at once, and again: one task.
    const key = { 'idempotency-key': 'asked twice' };
    const requested = await Promise.all([one, other, one, other].map((client) => client.submit('once', key)));
    expect(new Set(requested).size).toBe(1);
    const conflict = await other.post({ text: 'another' }, key);
    expect(conflict).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });

    // Accepted by one, cancelled at the other, seen by both.
    const unwanted = await one.submit('unwanted');
    expect(await other.call(`/tasks/${unwanted}`, { method: 'DELETE' })).toMatchObject({ status: 200 });
    expect((await one.task(unwanted)).status).toBe('cancelled');
    const distant = await one.submit('asked for elsewhere');

    release();
    for (const { text, reply } of waiting)
      expect(await reply).toMatchObject({ status: 200, body: { status: 'succeeded', label: text } });
    const settled = (taskId: string, client: Client) =>
      eventually(async () => {
        const task = await client.task(taskId);
        expect(task.status).not.toMatch(/queued|running/);
        return task;
      }, PATIENCE);
    expect(await settled(distant, other)).toMatchObject({ label: 'asked for elsewhere' });
    expect(await settled(requested[0] ?? '', other)).toMatchObject({ status: 'succeeded', label: 'once' });
    expect(await settled(unwanted, other)).toMatchObject({ status: 'cancelled' });

    expect(await whoDelivered(await Promise.all(waiting.map(({ reply }) => reply)))).toEqual({
      byTheirOwn: true,
      byTheOther: true,
    });
    await end(one, other);
  });

  it('lose nothing when one is killed: the other answers for what it had accepted and received', async () => {
    const [killed, left] = await startTwo();
    const release = holdWorkers();
    const taskIds = await Promise.all(textsOf(16, 'orphan').map((text) => killed.submit(text)));
    const keyed = await killed.submit('keyed', { 'idempotency-key': 'of the dead' });
    await eventually(() => running === 2, PATIENCE);
    killed.process.child.kill('SIGKILL');
    expect(await killed.process.end()).toBe('SIGKILL');
    release();

    // A client that asks again finds the same task, and waits for it there.
    const again = await left.post({ text: 'keyed' }, { 'idempotency-key': 'of the dead', prefer: 'wait=20' });
    expect(again).toMatchObject({ status: 200, body: { taskId: keyed, label: 'keyed' } });
    const tasks = await eventually(async () => {
      const all = await Promise.all(taskIds.map((taskId) => left.task(taskId)));
      expect(all.filter(({ status }) => status !== 'succeeded')).toEqual([]);
      return all;
    }, PATIENCE);
    expect(tasks.map(({ label }) => label)).toEqual(textsOf(16, 'orphan'));
    await end(left);
  });

  /** Whether batches were answered by the coordinator that had accepted them, and by the other. */
  async function whoDelivered(replies: readonly { readonly body: unknown }[]) {
    const store = new DynamoBatchStore(stack.clients.dynamodb, stack.resources.tableNames.batches);
    const ids = replies.map(({ body }) => taskSchema.parse(body).taskId.replace(/-\d+$/, ''));
    const batches = await store.readMany(ids);
    expect(batches).toHaveLength(ids.length);
    const isOwn = batches.map(({ coordinatorId, deliveries }) =>
      Object.values(deliveries).every((delivery) => delivery.coordinatorId === coordinatorId),
    );
    return { byTheirOwn: isOwn.includes(true), byTheOther: isOwn.includes(false) };
  }
});
