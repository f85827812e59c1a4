/** The stack itself fails: it is emptied, loses messages, calls and replies, or is away for a while. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { purgeBatchQueue } from '../../infra/aws/purge-queue.js';
import { removeResources } from '../../infra/aws/remove-resources.js';
import { useStack } from '../support/any-stack.js';
import { eventually } from '../support/eventually.js';
import { scoreOf, succeedAll, type Script } from '../support/fake-functions.js';
import { startLossyProxy, type CallTreatment } from '../support/lossy-proxy.js';
import { note } from '../support/stack-checks.js';
import { useStackCoordinators, type StackCoordinator } from '../support/stack-coordinators.js';

const stack = useStack();
const { memoryStack: newMemoryStack, start } = useStackCoordinators(stack);

const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`);
const answers = texts.map((text) => ({ text, status: 'succeeded', score: scoreOf(text) }));

async function answered(coordinator: StackCoordinator, taskIds: readonly string[], withinMs = 40_000) {
  const tasks = await coordinator.finished(taskIds, withinMs);
  return tasks.map(({ text, status, score }) => ({ text, status, score }));
}

/** Clients whose calls pass through proxies that can lose them. */
async function lossyClients() {
  const { endpointSqs, endpointDynamodb } = stack();
  if (endpointSqs === undefined || endpointDynamodb === undefined) return undefined;
  const [sqs, dynamodb] = await Promise.all([
    startLossyProxy(endpointSqs),
    startLossyProxy(endpointDynamodb),
  ]);
  onTestFinished(() => Promise.all([sqs.close(), dynamodb.close()]).then(() => undefined));
  const clients = stack().connect({ endpointSqs: sqs.url, endpointDynamodb: dynamodb.url });
  return {
    clients,
    lost: () => [...sqs.lost, ...dynamodb.lost],
    set: (treat: (operation: string) => CallTreatment) => {
      sqs.treatment = treat;
      dynamodb.treatment = treat;
    },
  };
}

describe('a stack that was emptied', () => {
  it('queues and tables gone: all is made again, and every accepted task comes back', async () => {
    const memoryStack = await newMemoryStack();
    memoryStack.wasEmptied = true;
    const coordinator = await start(memoryStack, { workers: 0 });
    const taskIds = await coordinator.accept({ texts }, 'key');
    await eventually(async () => (await coordinator.ports.marker.read()) !== undefined);
    await removeResources(stack().clients, memoryStack.described);
    coordinator.beating.add('worker-1');
    expect(await answered(coordinator, taskIds)).toEqual(answers);
    expect(await eventually(() => coordinator.accept({ texts }, 'key'))).toEqual(taskIds);
    expect((await coordinator.stored(taskIds[0] ?? '')).status).toBe('succeeded');
    expect(await coordinator.classify(['afterwards'])).toMatchObject([{ status: 'succeeded' }]);
    await coordinator.isQuiet();
  });

  it('messages purged: the reconciler sends what is unfinished again', async () => {
    const memoryStack = await newMemoryStack(10, 1000);
    const coordinator = await start(memoryStack, { workers: 0 });
    const taskIds = await coordinator.accept({ texts });
    await eventually(async () => (await coordinator.ports.queue.depth()).visible === 1);
    await purgeBatchQueue(stack().clients.sqs, memoryStack.described);
    coordinator.beating.add('worker-1');
    expect(await answered(coordinator, taskIds)).toEqual(answers);
    await coordinator.isQuiet();
  });
});

describe('a network that loses', () => {
  it('replies of writes: each is found to have landed, no task is lost, none is answered twice', async (context) => {
    const lossy = await lossyClients();
    if (lossy === undefined) return context.skip('real AWS, without a proxy');
    const options = { batch: { maxTasks: 1, maxBytes: 200_000, maxTokens: 100_000, windowMs: 0 } };
    const coordinator = await start(await newMemoryStack(20), { clients: lossy.clients, options });
    let calls = 0;
    lossy.set((operation) => {
      if (!/^(Put|Update)Item$|^SendMessage$|^DeleteMessageBatch$/.test(operation)) return 'passes';
      calls += 1;
      return calls % 3 === 0 ? 'reply lost' : 'passes';
    });
    const accepted = await Promise.all(texts.map((text) => coordinator.accept({ text }).catch(() => [])));
    const taskIds = accepted.flat();
    expect(taskIds.length).toBeGreaterThan(0);
    const tasks = await answered(coordinator, taskIds);
    expect(tasks.every(({ text, status, score }) => status === 'succeeded' && score === scoreOf(text))).toBe(
      true,
    );
    lossy.set(() => 'passes');
    note(context, `${lossy.lost().length} replies lost, ${taskIds.length} of ${texts.length} accepted`);
    expect(lossy.lost().length).toBeGreaterThan(5);
    // Who lost the reply of a commit finds out a little later than the client.
    await eventually(() => taskIds.every((taskId) => coordinator.terminalTaskIds().includes(taskId)));
    expect(new Set(coordinator.terminalTaskIds()).size).toBe(coordinator.terminalTaskIds().length);
    await coordinator.isQuiet();
  });

  it('every call for two seconds: what was accepted before comes back afterwards', async (context) => {
    const lossy = await lossyClients();
    if (lossy === undefined) return context.skip('real AWS, without a proxy');
    let isCut = false;
    const script: Script = (invoke) => {
      isCut = true;
      return succeedAll(invoke);
    };
    const coordinator = await start(await newMemoryStack(), { clients: lossy.clients, script });
    lossy.set(() => (isCut ? 'call lost' : 'passes'));
    const taskIds = await coordinator.accept({ texts });
    const finished = answered(coordinator, taskIds);
    await eventually(() => lossy.lost().length > 3);
    expect(await coordinator.accept({ text: 'meanwhile' }).catch((error: unknown) => error)).toMatchObject({
      code: 'stack_unavailable',
    });
    lossy.set(() => 'passes');
    expect(await finished).toEqual(answers);
    await coordinator.isQuiet();
  });
});
