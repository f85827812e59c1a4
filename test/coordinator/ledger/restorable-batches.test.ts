import { describe, expect, it } from 'vitest';
import { withNewRevision } from '../../../coordinator/batch/batch-life.js';
import { Ledger } from '../../../coordinator/ledger/ledger.js';
import { ManualClock } from '../../support/manual-clock.js';
import { all, deliver, newBatch, succeeded } from '../batch/support/batch-moves.js';

describe('the ledger of a coordinator whose table was emptied', () => {
  const accepted = newBatch();
  const half = deliver(accepted, { outcomes: { 0: succeeded } }).next;
  const putBack = withNewRevision(accepted, 0.5);

  function ledgerThatKnows(batch = half) {
    const ledger = new Ledger(new ManualClock());
    ledger.accept(accepted, Promise.resolve());
    ledger.update(batch);
    return ledger;
  }

  it('keeps a final state that whoever put the batch back did not know', () => {
    const ledger = ledgerThatKnows();
    ledger.update(putBack);
    expect(ledger.lookup(accepted.id)?.tasks[0]).toEqual(half.tasks[0]);
  });

  it('counts every task as answered once, though it was answered again', () => {
    const ledger = ledgerThatKnows();
    const outstanding = ledger.outstandingTasks;
    expect(outstanding).toBe(accepted.tasks.length - 1);
    ledger.update(putBack);
    expect(ledger.outstandingTasks).toBe(outstanding);
    ledger.update(deliver(putBack, { outcomes: all(succeeded) }).next);
    expect(ledger.outstandingTasks).toBe(0);
  });

  it('holds a batch of another coordinator also when nobody here waits for it any more', () => {
    const ledger = new Ledger(new ManualClock());
    ledger.adopt(accepted);
    const stop = ledger.listen(accepted.id, () => undefined);
    ledger.update(half);
    stop();
    expect(ledger.lookup(accepted.id)).toEqual(half);
    expect([...ledger.held()]).toEqual([half]);
    expect(ledger.get(accepted.id)).toBeUndefined(); // it is unfinished, and nothing is heard of it from now on
  });
});
