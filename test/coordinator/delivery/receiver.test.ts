import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../contracts/stack/batch-queue.js';
import { Receiver } from '../../../coordinator/delivery/receiver.js';
import { StoreGate } from '../../../coordinator/delivery/store-gate.js';
import { pickerOf } from '../../../coordinator/workers/pick-worker.js';
import { WorkerRegistry } from '../../../coordinator/workers/registry.js';
import { Slots } from '../../../coordinator/workers/slots.js';
import { silent } from '../../support/embedded.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryQueue } from '../../support/memory-stack.js';
import { beatOf } from '../workers/support/workers.js';

const VISIBILITY_MS = 3000;
const MESSAGE: ReceivedMessage = { messageId: 'm1', receiptHandle: 'm1#1', receiveCount: 1, body: '{}' };

/** A receiver whose one receive is under way and is answered when the test says so. */
function receiving() {
  const clock = new ManualClock();
  const queue = new MemoryQueue(clock, VISIBILITY_MS);
  let answer: (messages: readonly ReceivedMessage[]) => void = () => undefined;
  queue.receive = () => new Promise((resolve) => (answer = resolve));
  const registry = new WorkerRegistry(clock, 1);
  registry.recordBeat(beatOf(clock, 'worker-1'));
  const slots = new Slots(registry, pickerOf('least-loaded'));
  const gate = new StoreGate(clock, silent);
  const receiver = new Receiver(
    { clock, queue, slots, gate, logger: silent },
    VISIBILITY_MS,
    () => undefined,
  );
  receiver.start();
  return { clock, queue, slots, receiver, answer: () => answer([MESSAGE]) };
}

describe('a receiver that is stopping', () => {
  it('puts back at once what its last receive brings', async () => {
    const { queue, slots, receiver, answer } = receiving();
    const stopped = receiver.stop();
    answer();
    await stopped;
    expect(queue.visibilityChanges).toEqual([{ handle: 'm1#1', seconds: 0 }]);
    expect(slots.reserved).toBe(0);
  });

  it('leaves alone what it brings after its time: another may hold it by now', async () => {
    const { clock, queue, slots, receiver, answer } = receiving();
    const stopped = receiver.stop();
    clock.advance(VISIBILITY_MS);
    answer();
    await stopped;
    expect(queue.visibilityChanges).toEqual([]);
    expect(slots.reserved).toBe(0);
  });
});
