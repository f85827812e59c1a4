/** The policies beside the calls that are really made: nothing is missing, nothing is there that nobody needs. */
import { PurgeQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem } from '../../../bench/costs/system.js';
import { LiveFeed } from '../../../coordinator/live/live-feed.js';
import type { InvokeResponse } from '../../../contracts/worker/invoke.js';
import { WorkerSightings } from '../../../contracts/worker/worker-sightings.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../../infra/aws/dynamo-worker-store.js';
import { ensureResources } from '../../../infra/aws/ensure-resources.js';
import { meterCalls } from '../../../infra/aws/metering/meter-calls.js';
import { SqsQueueReader } from '../../../infra/aws/sqs-queue-reader.js';
import { actionOf, COORDINATOR, MAKER, MONITOR, type Access } from '../../../infra/cloudformation/access.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { Reader } from '../../../tools/monitor/read/reader.js';
import type { EmbeddedStack } from '../../../infra/embedded/stack.js';
import { withTimeToLive } from '../../support/as-on-aws.js';
import { clientsOf, silent, startBareStack } from '../../support/embedded.js';
import { eventually } from '../../support/eventually.js';
import { FakeFunctions, fail, succeedAll, type Script } from '../../support/fake-functions.js';

const VISIBILITY_SECONDS = 2;
const SETTINGS = { visibilityTimeoutSeconds: VISIBILITY_SECONDS, maxReceiveCount: 2 };

/** Clients, and what was done with them: `queue batches` → `sqs:SendMessage`, … */
function metered(url: string) {
  const clients = clientsOf(url);
  const made = new Map<string, Set<string>>();
  meterCalls(clients, ({ operation, resource }) => {
    made.set(resource, (made.get(resource) ?? new Set()).add(actionOf(operation, resource)));
  });
  return { clients, made };
}

const inOrder = (access: Iterable<readonly [string, Iterable<string>]>) =>
  Object.fromEntries([...access].map(([resource, actions]) => [resource, [...actions].sort()]));
const all = (...parts: readonly Access[]) => {
  const joined = new Map<string, string[]>();
  for (const [resource, actions] of parts.flatMap((part) => Object.entries(part)))
    joined.set(resource, [...(joined.get(resource) ?? []), ...actions]);
  return inOrder(joined);
};

/** The first invoke of all fails, and every one of the poisonous text; the slow text takes its time. */
const troubled: Script = (invoke, nth) => {
  const texts = invoke.request.tasks.map(({ text }) => text);
  if (nth === 1 || texts.includes('poison')) return fail();
  if (!texts.includes('slow')) return succeedAll(invoke);
  return new Promise<InvokeResponse>((resolve) => setTimeout(() => resolve(succeedAll(invoke)), 1300));
};

describe('what the policies allow', () => {
  let stack: EmbeddedStack;
  beforeAll(async () => {
    stack = await startBareStack();
  });
  afterAll(() => stack.close());

  it('is what a coordinator calls that makes its queues and tables, and nothing else', async () => {
    const { clients, made } = metered(stack.url);
    const { queueUrl, deadLetterQueueUrl } = await ensureResources(clients, SETTINGS);
    const unmetered = clientsOf(stack.url);
    for (const QueueUrl of [queueUrl, deadLetterQueueUrl]) {
      const Attributes = { VisibilityTimeout: '77' };
      await unmetered.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    }
    await ensureResources(clients, SETTINGS);
    clients.close();
    unmetered.close();
    const allowed = all(COORDINATOR, MAKER);
    for (const [resource, actions] of made)
      expect(allowed[resource]).toEqual(expect.arrayContaining([...actions]));
    for (const [resource, actions] of Object.entries(MAKER))
      expect([...(made.get(resource) ?? [])]).toEqual(expect.arrayContaining([...actions]));
  });

  it('is what a coordinator calls where queues and tables exist, and nothing else', async () => {
    const { clients, made } = metered(stack.url);
    withTimeToLive(clients);
    const unmetered = clientsOf(stack.url);
    const functions = new FakeFunctions(troubled);
    const system = await startSystem({ clients, functions, maxBatchTasks: 1, ...SETTINGS });
    const { accept, finished, coordinator, ports } = system;

    // Failed and brought back, running for long, and given up.
    await finished(await accept(['fine'], 'key'));
    expect(await accept(['fine'], 'key')).toHaveLength(1);
    const next = await startSystem({ clients, functions, maxBatchTasks: 1, ...SETTINGS }); // finds what there is
    await eventually(() => expect(made.get('table keys')).toContain('dynamodb:BatchGetItem'));
    await next.stop();
    await finished(await accept(['slow']));
    await finished(await accept(['poison']));
    await eventually(async () => expect((await ports.queue.deadLetters.depth()).visible).toBe(0));
    expect((await coordinator.redrive({}, 'request', new AbortController().signal)).redriven).toHaveLength(1);

    // Lost by the queue, and sent again by the reconciler.
    const lost = await accept(['lost']);
    await unmetered.sqs.send(
      new PurgeQueueCommand({ QueueUrl: (await ensureResources(unmetered, SETTINGS)).queueUrl }),
    );
    await finished(lost);

    // The pages that people look at.
    for (const status of [undefined, 'open', 'failed'] as const)
      await coordinator.list({ limit: 10, ...(status && { status }) }, new AbortController().signal);
    const feed = new LiveFeed(
      { ...ports, stats: ports.statistics, sightings: new WorkerSightings(ports.clock), logger: silent },
      VISIBILITY_SECONDS * 1000,
    );
    await feed.readHistory();
    await new Promise<void>((resolve) => {
      const stop = feed.listen(() => {
        stop();
        resolve();
      });
    });

    await system.stop();
    [clients, unmetered].forEach((each) => each.close());
    expect(inOrder(made)).toEqual(all(COORDINATOR));
  });

  it('is what the monitor calls, and nothing else', async () => {
    const { clients, made } = metered(stack.url);
    const reader = new Reader({
      now: Date.now,
      monotonic: () => performance.now(),
      queue: new SqsQueueReader(clients.sqs),
      workers: new DynamoWorkerStore(clients.dynamodb, tableNames.workers),
      stats: new DynamoStatsStore(clients.dynamodb, tableNames.stats),
      batches: new DynamoBatchStore(clients.dynamodb, tableNames.batches),
    });
    const snapshot = await reader.refresh();
    clients.close();
    expect(snapshot.tasks.value.length).toBeGreaterThan(0);
    expect(inOrder(made)).toEqual(all(MONITOR));
  });
});
