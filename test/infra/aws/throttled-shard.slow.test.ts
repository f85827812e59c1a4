/** One shard of an index takes no writes, as where its partition is throttled: three quarters of all batches go on. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStackPorts } from '../../../infra/aws/ports.js';
import { shardOf } from '../../../infra/aws/shards.js';
import { clientsOf, startTestStack, type TestStack } from '../../support/embedded.js';
import { eventually } from '../../support/eventually.js';
import { FakeFunctions } from '../../support/fake-functions.js';
import { startRefusingProxy, updatedBatch, type RefusingProxy } from '../../support/refusing-proxy.js';
import { batchIdOf, runCoordinator, systemClock } from '../../support/run-coordinator.js';

const THROTTLED = { name: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' };
const TEXTS = 32;

let stack: TestStack;
let proxy: RefusingProxy;
let stops: (() => Promise<void> | void)[];
beforeEach(async () => {
  stack = await startTestStack();
  proxy = await startRefusingProxy(stack.url);
  stops = [() => stack.close(), () => proxy.close()];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

async function startOnProxy() {
  const clients = clientsOf(proxy.url);
  const coordinator = await runCoordinator(
    {
      ...createStackPorts(clients, stack.resources, systemClock),
      functions: new FakeFunctions(),
      resources: { ensure: () => Promise.resolve() },
    },
    { options: { visibilityTimeoutMs: 30_000 } },
  );
  stops.push(
    () => clients.close(),
    () => coordinator.stop(100),
  );
  return coordinator;
}

describe('a shard whose writes are throttled', () => {
  it('makes its own batches wait, and no others', async () => {
    const coordinator = await startOnProxy();
    await coordinator.classify(['warm up']);
    proxy.refuse = (operation, body) => {
      const id = operation === 'UpdateItem' ? updatedBatch(body) : undefined;
      return id !== undefined && shardOf(id) === 0 ? THROTTLED : undefined;
    };
    const healthyMs: number[] = [];
    const waiting: (() => Promise<string>)[] = [];
    for (let sent = 0; sent < TEXTS; sent += 1) {
      const startedAtMs = performance.now();
      const ids = await coordinator.accept({ texts: [`text ${sent}`] });
      const finished = () => coordinator.finished(ids).then(([task]) => task?.status ?? '');
      if (shardOf(batchIdOf(ids[0] ?? '')) === 0) waiting.push(finished);
      else void finished().then(() => healthyMs.push(performance.now() - startedAtMs));
      await pause(10);
    }
    await eventually(() => healthyMs.length + waiting.length === TEXTS);
    expect(waiting.length).toBeGreaterThan(0);
    expect(healthyMs.toSorted((a, b) => a - b)[Math.floor(healthyMs.length / 2)]).toBeLessThan(250);
    expect(Math.max(...healthyMs)).toBeLessThan(1500);
    expect(coordinator.log.map(({ event }) => event)).not.toContain('store.unavailable');
    proxy.refuse = () => undefined;
    expect(new Set(await Promise.all(waiting.map((finished) => finished())))).toEqual(new Set(['succeeded']));
  });
});
