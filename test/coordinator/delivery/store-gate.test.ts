import { describe, expect, it } from 'vitest';
import { StackThrottledError, StackUnavailableError } from '../../../contracts/errors/errors.js';
import { MAX_THROTTLED_CALLS, StoreGate } from '../../../coordinator/delivery/store-gate.js';
import { ManualClock } from '../../support/manual-clock.js';
import { memoryLogger, type LogLine } from '../../support/running-coordinator.js';

const throttled = () => new StackThrottledError('UpdateItem', new Error('too much'));
const unanswered = () => new StackUnavailableError('UpdateItem', new Error('connect ECONNREFUSED'));

function gateWithLog() {
  const clock = new ManualClock();
  const log: LogLine[] = [];
  const gate = new StoreGate(clock, memoryLogger(log));
  /** A call that fails so as long as `failure` is set. */
  const calls: { failure: Error | undefined }[] = [];
  const persist = (failure: Error, onThrottled?: () => void) => {
    const call: { failure: Error | undefined } = { failure };
    calls.push(call);
    const run = () => (call.failure ? Promise.reject(call.failure) : Promise.resolve('written'));
    return gate.persist(run, new AbortController().signal, onThrottled);
  };
  const settle = async () => {
    await new Promise(setImmediate);
    clock.advance(5000);
    await new Promise(setImmediate);
  };
  return { gate, clock, calls, persist, settle, events: () => log.map(({ event }) => event) };
}

describe('the gate before the store', () => {
  it('closes while a call is not answered', async () => {
    const { gate, calls, persist, settle, events } = gateWithLog();
    const written = persist(unanswered());
    await settle();
    expect(gate.isOpen).toBe(false);
    calls.forEach((call) => (call.failure = undefined));
    await settle();
    expect(await written).toBe('written');
    expect(gate.isOpen).toBe(true);
    expect(events()).toEqual(['store.unavailable', 'store.available']);
  });

  it('stays open where the store is too busy for some, who are told once', async () => {
    const { gate, calls, persist, settle, events } = gateWithLog();
    let times = 0;
    const written = persist(throttled(), () => (times += 1));
    await settle();
    await settle();
    expect(gate.isOpen).toBe(true);
    expect(times).toBe(1);
    calls.forEach((call) => (call.failure = undefined));
    await settle();
    expect(await written).toBe('written');
    expect(events()).toEqual(['store.throttled']);
  });

  it('opens when a store that did not answer says that it is too busy', async () => {
    const { gate, calls, persist, settle } = gateWithLog();
    void persist(unanswered());
    await settle();
    calls.forEach((call) => (call.failure = throttled()));
    await settle();
    expect(gate.isOpen).toBe(true);
  });

  it('closes where more wait than it can hold', async () => {
    const { gate, persist, settle } = gateWithLog();
    for (let call = 0; call < MAX_THROTTLED_CALLS; call += 1) void persist(throttled());
    await settle();
    expect(gate.isOpen).toBe(false);
  });
});
