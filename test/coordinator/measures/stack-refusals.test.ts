import { describe, expect, it } from 'vitest';
import type { RefusalKind, StackCall } from '../../../contracts/errors/stack-refusal.js';
import { StackRefusals } from '../../../coordinator/measures/stack-refusals.js';
import { ManualClock } from '../../support/manual-clock.js';
import { memoryLogger, type LogLine } from '../../support/running-coordinator.js';

const UPDATE = { service: 'dynamodb', action: 'UpdateItem', resource: 'table/batches' };
const QUERY = { service: 'dynamodb', action: 'Query', resource: 'table/batches/index/open' };

function refusals() {
  const clock = new ManualClock();
  const log: LogLine[] = [];
  const known = new StackRefusals(clock, memoryLogger(log));
  return {
    clock,
    log,
    known,
    refuse: (call: StackCall, kind: RefusalKind = 'access_denied') =>
      known.called(call.action, 1, 'Denied', call, { ...call, kind, error: 'Denied' }),
    allow: (call: StackCall) => known.called(call.action, 1, undefined, call, undefined),
  };
}

describe('refused calls', () => {
  it('are told once a minute each, however often they are made', () => {
    const { clock, log, refuse } = refusals();
    for (let second = 0; second < 120; second += 1) {
      refuse(UPDATE);
      refuse(QUERY);
      clock.standStill(1000);
    }
    expect(log).toHaveLength(4);
    expect(log[0]).toEqual({ event: 'stack.access_denied', fields: { ...UPDATE, error: 'Denied' } });
  });

  it('are a reason until the same call is allowed again, or nobody makes it any more', () => {
    const { clock, known, refuse, allow } = refusals();
    refuse(UPDATE);
    allow({ ...UPDATE, action: 'GetItem' });
    expect(known.reasons()).toEqual(['dynamodb:UpdateItem on table/batches: access is denied (Denied)']);
    allow(UPDATE);
    expect(known.reasons()).toEqual([]);
    refuse(UPDATE);
    clock.standStill(61_000);
    expect(known.reasons()).toEqual([]);
  });

  it('of a disk that is full are one reason, until any write is taken', () => {
    const { known, log, refuse, allow } = refusals();
    refuse(UPDATE, 'storage_full');
    refuse({ ...UPDATE, action: 'PutItem', resource: 'table/workers' }, 'storage_full');
    allow(QUERY);
    allow({ service: 'sqs', action: 'SendMessage', resource: 'queue/batches' });
    expect(known.reasons()).toEqual(['the stack cannot write: no space left on the disk']);
    expect(log.map(({ event }) => event)).toEqual(['stack.write_refused']);
    allow({ ...UPDATE, resource: 'table/stats' });
    expect(known.reasons()).toEqual([]);
  });

  it('of a table that is gone are over when any call finds it again', () => {
    const { known, log, refuse, allow } = refusals();
    refuse(UPDATE, 'resource_not_found');
    expect(known.reasons()).toHaveLength(1);
    expect(log.map(({ event }) => event)).toEqual(['stack.resource_missing']);
    allow(QUERY);
    expect(known.reasons()).toEqual([]);
  });

  it('are none where somebody asks whether there is such a table or queue', () => {
    const { known, refuse } = refusals();
    refuse({ ...UPDATE, action: 'DescribeTable' }, 'resource_not_found');
    refuse({ service: 'sqs', action: 'GetQueueUrl', resource: 'queue/batches' }, 'resource_not_found');
    expect(known.reasons()).toEqual([]);
  });

  it('do not fill the memory', () => {
    const { known, refuse } = refusals();
    for (let table = 0; table < 500; table += 1) refuse({ ...UPDATE, resource: `table/${table}` });
    expect(known.reasons()).toHaveLength(100);
  });
});
