import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { SqsBatchQueue } from '../../../infra/aws/sqs-batch-queue.js';
import { startTestStack } from '../../support/embedded.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';

const HOUR_MS = 3_600_000;
const VISIBILITY_SECONDS = 1;

let stepMs = 0;
const realNow = Date.now.bind(Date);

afterEach(() => vi.restoreAllMocks());

async function queueWithHiddenMessage() {
  stepMs = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + stepMs);
  const stack = await startTestStack({
    queue: { visibilityTimeoutSeconds: VISIBILITY_SECONDS, maxReceiveCount: 10 },
  });
  onTestFinished(() => stack.close());
  const queue = new SqsBatchQueue(stack.clients.sqs, stack.resources);
  await queue.send(messageOf(sampleBatch()));
  const [message] = await queue.receive(1, 1);
  if (message === undefined) throw new Error('nothing was received');
  return { queue, handle: message.receiptHandle };
}

it.each([-HOUR_MS, HOUR_MS])(
  'the embedded queue hides a message for its time, though the wall clock steps by %i ms',
  async (step) => {
    const { queue } = await queueWithHiddenMessage();
    const hiddenFrom = performance.now();
    stepMs = step;
    const [again] = await queue.receive(1, 5);
    expect(again?.receiveCount).toBe(2);
    expect(performance.now() - hiddenFrom).toBeGreaterThan(0.8 * VISIBILITY_SECONDS * 1000);
  },
);

it('a back-off that began before a step back of the wall clock ends in its time', async () => {
  const { queue, handle } = await queueWithHiddenMessage();
  await queue.changeVisibility(handle, 1);
  stepMs = -HOUR_MS;
  await queue.changeVisibility('of somebody else', 1);
  expect((await queue.receive(1, 5)).length).toBe(1);
});
