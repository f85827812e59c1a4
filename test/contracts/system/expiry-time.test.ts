import { beforeEach, describe, expect, it } from 'vitest';
import { ExpiryTime } from '../../../contracts/system/expiry-time.js';
import { RememberedKeys } from '../../../coordinator/recovery/remembered-keys.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryKeyStore } from '../../support/memory-stack.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let clock: ManualClock;
let time: ExpiryTime;

beforeEach(() => {
  clock = new ManualClock();
  time = new ExpiryTime(clock);
});

describe('the time by which things expire', () => {
  it('is that of the wall clock', () => {
    clock.advance(DAY_MS);
    expect(time.now()).toBe(clock.now());
    clock.step(-HOUR_MS);
    expect(time.now()).toBe(clock.now());
    clock.step(1000);
    expect(time.now()).toBe(clock.now());
  });

  it('does not leap forward with it, until that has stood for an hour', () => {
    const before = time.now();
    clock.step(DAY_MS);
    expect(time.now()).toBe(before);
    clock.advance(HOUR_MS - 1);
    expect(time.now()).toBe(before + HOUR_MS - 1);
    clock.advance(1);
    expect(time.now()).toBe(clock.now());
  });

  it('has lost nothing where the leap is taken back', () => {
    clock.step(DAY_MS);
    time.now();
    clock.step(-DAY_MS);
    expect(time.now()).toBe(clock.now());
    clock.advance(2 * HOUR_MS);
    expect(time.now()).toBe(clock.now());
  });
});

it('a key that is remembered outlives a leap of the clock', async () => {
  const store = new MemoryKeyStore(clock);
  const keys = new RememberedKeys(clock, store, () => true);
  const record = { key: 'k', requestHash: 'h', taskIds: [], expiresAtMs: clock.now() + DAY_MS };
  await keys.create(record);
  clock.step(2 * DAY_MS);
  expect(await keys.read('k')).toEqual(record);
});
