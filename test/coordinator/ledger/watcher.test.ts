import { describe, expect, it } from 'vitest';
import type { BatchDocument } from '../../../contracts/batch/batch.js';
import { startWatcher } from '../../../coordinator/ledger/watcher.js';
import { silent } from '../../support/embedded.js';
import { ManualClock } from '../../support/manual-clock.js';
import { sampleBatch, sampleDelivery } from '../../support/sample-batch.js';

/** Lets the watcher look once, and tells how long a batch had to be quiet for it. */
function watched() {
  const clock = new ManualClock();
  const quiet: number[] = [];
  const learnt: string[] = [];
  let found: readonly BatchDocument[] = [];
  const ledger = {
    takeStalest: (quietMs: number) => {
      quiet.push(quietMs);
      return found.map(({ id }) => id);
    },
    update: (batch: BatchDocument) => void learnt.push(batch.id),
  };
  const batches = { readMany: () => Promise.resolve(found) };
  const stop = startWatcher({ clock, ledger, batches, logger: silent }, 'me');
  const look = async (batch?: BatchDocument): Promise<number | undefined> => {
    found = batch === undefined ? [] : [batch];
    clock.advance(400);
    await new Promise(setImmediate); // the next look is planned when this one has ended
    return quiet.at(-1);
  };
  return { clock, learnt, look, stop };
}

const deliveredBy = (coordinatorId: string) =>
  sampleBatch({ deliveries: { d1: { ...sampleDelivery(), coordinatorId } } });

describe('the watcher', () => {
  it('takes its time while nobody else is at work, and learns what it reads', async () => {
    const { look, learnt, stop } = watched();
    const batch = deliveredBy('me');
    expect(await look(batch)).toBe(1500);
    expect(await look()).toBe(1500);
    expect(learnt).toEqual([batch.id]);
    await stop();
  });

  it('looks sooner once another coordinator has delivered what it holds, and for a while after', async () => {
    const { clock, look, stop } = watched();
    await look(deliveredBy('another'));
    expect(await look()).toBe(200);
    clock.standStill(31_000);
    await new Promise(setImmediate);
    expect(await look()).toBe(1500);
    await stop();
  });
});
