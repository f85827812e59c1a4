/** Calls that a policy forbids while the system runs: said which action on which resource; the client is answered at once. */
import { expect, it, onTestFinished } from 'vitest';
import { createClients } from '../../../infra/aws/clients.js';
import { createStackPorts } from '../../../infra/aws/ports.js';
import { StackRefusals } from '../../../coordinator/measures/stack-refusals.js';
import { SdkCalls } from '../../../coordinator/measures/sdk-calls.js';
import { startTestStack } from '../../support/embedded.js';
import { eventually } from '../../support/eventually.js';
import { FakeFunctions } from '../../support/fake-functions.js';
import { startRefusingProxy } from '../../support/refusing-proxy.js';
import { memoryLogger, runCoordinator, systemClock, type LogLine } from '../../support/run-coordinator.js';

it('a write that is forbidden is named, and is over when it is allowed', async () => {
  const stack = await startTestStack();
  const proxy = await startRefusingProxy(stack.url);
  const log: LogLine[] = [];
  const refusals = new StackRefusals(systemClock, memoryLogger(log));
  const sdkCalls = new SdkCalls();
  const clients = createClients({
    endpointSqs: proxy.url,
    endpointDynamodb: proxy.url,
    region: 'us-east-1',
    live: false,
    observer: {
      called: (...call) => {
        refusals.called(...call);
        sdkCalls.called(...call);
      },
    },
  });
  const coordinator = await runCoordinator({
    ...createStackPorts(clients, stack.resources, systemClock),
    functions: new FakeFunctions(),
    resources: { ensure: () => Promise.resolve() },
  });
  onTestFinished(async () => {
    await coordinator.stop(100);
    clients.close();
    proxy.close();
    await stack.close();
  });
  const { batches } = stack.resources.tableNames;
  const reason = `dynamodb:UpdateItem on table/${batches}: access is denied (AccessDeniedException)`;

  proxy.refuse = (operation) =>
    operation === 'UpdateItem' ? { name: 'com.amazon.coral.service#AccessDeniedException' } : undefined;
  const ids = await coordinator.accept({ texts: ['one'] });
  await eventually(() => expect(refusals.reasons()).toContain(reason));
  expect(log.map(({ event }) => event)).toContain('stack.access_denied');
  expect([...sdkCalls.denied.entries()].map(([words]) => words)).toContainEqual([
    'dynamodb',
    'UpdateItem',
    `table/${batches}`,
    'AccessDeniedException',
  ]);

  proxy.refuse = () => undefined;
  expect((await coordinator.finished(ids)).map(({ status }) => status)).toEqual(['succeeded']);
  expect(refusals.reasons()).toEqual([]);

  proxy.refuse = (operation) =>
    operation === 'SendMessage' ? { name: 'com.amazonaws.sqs#KmsAccessDenied' } : undefined;
  const startedAtMs = performance.now();
  await expect(coordinator.accept({ texts: ['two'] })).rejects.toMatchObject({ code: 'stack_unavailable' });
  expect(performance.now() - startedAtMs).toBeLessThan(2000);
  expect(refusals.reasons()).toEqual([expect.stringMatching(/^sqs:SendMessage on queue\/.*KmsAccessDenied/)]);
});
