import { describe, expect, it } from 'vitest';
import { pickerOf, type DispatchPolicy } from '../../../coordinator/workers/pick-worker.js';
import type { WorkerSnapshot } from '../../../coordinator/workers/registry.js';
import { NOBODY } from './support/workers.js';

/** `busy` counts the slots in use, worker by worker. */
const workers = (...busy: readonly number[]): WorkerSnapshot[] =>
  busy.map((busySlots, index) => ({
    id: `worker-${index + 1}`,
    address: `http://worker-${index + 1}.test`,
    state: 'up',
    busySlots,
    freeSlots: 2 - busySlots,
    reportedInFlight: 0,
  }));

function picksOf(
  policy: DispatchPolicy,
  free: readonly WorkerSnapshot[],
  count: number,
): (string | undefined)[] {
  const pick = pickerOf(policy);
  return Array.from({ length: count }, () => pick({ free, avoid: NOBODY, except: NOBODY })?.id);
}

describe('least-loaded', () => {
  it('takes the worker with the fewest invokes', () => {
    expect(picksOf('least-loaded', workers(1, 0, 1), 2)).toEqual(['worker-2', 'worker-2']);
  });

  it('takes equals in turn', () => {
    expect(picksOf('least-loaded', workers(0, 0, 0), 5)).toEqual([
      'worker-1',
      'worker-2',
      'worker-3',
      'worker-1',
      'worker-2',
    ]);
  });

  it('gives the turn to who waited longest', () => {
    const pick = pickerOf('least-loaded');
    const from = (free: readonly WorkerSnapshot[]) => pick({ free, avoid: NOBODY, except: NOBODY })?.id;
    expect(from(workers(0, 0, 1))).toBe('worker-1');
    expect(from(workers(0, 1, 1))).toBe('worker-1');
    expect(from(workers(0, 0, 0))).toBe('worker-2');
  });
});

describe('round-robin', () => {
  it('goes round, whatever the load', () => {
    expect(picksOf('round-robin', workers(1, 0, 1), 4)).toEqual([
      'worker-1',
      'worker-2',
      'worker-3',
      'worker-1',
    ]);
  });

  it('knows that worker-10 comes after worker-9', () => {
    const ten = workers(...Array.from({ length: 10 }, () => 0)).toReversed();
    expect(picksOf('round-robin', ten, 11).slice(-3)).toEqual(['worker-9', 'worker-10', 'worker-1']);
  });

  it('goes on from where it was when workers come and go', () => {
    const pick = pickerOf('round-robin');
    const from = (free: readonly WorkerSnapshot[]) => pick({ free, avoid: NOBODY, except: NOBODY })?.id;
    const [first, second, third] = workers(0, 0, 0) as [WorkerSnapshot, WorkerSnapshot, WorkerSnapshot];
    expect(from([first, second, third])).toBe('worker-1');
    expect(from([first, third])).toBe('worker-3');
    expect(from([first, second, third])).toBe('worker-1');
  });
});

describe.each(['least-loaded', 'round-robin'] as const)('%s', (policy) => {
  const pickOne = (avoid: readonly string[], except: readonly string[], free = workers(0, 1)) =>
    pickerOf(policy)({ free, avoid: new Set(avoid), except: new Set(except) })?.id;

  it('avoids who failed last, unless there is nobody else', () => {
    expect(pickOne(['worker-1'], [])).toBe('worker-2');
    expect(pickOne(['worker-1', 'worker-2'], [])).toBe('worker-1');
    expect(pickOne(['worker-1'], ['worker-2'])).toBe('worker-1');
  });

  it('never takes who is excluded', () => {
    expect(pickOne([], ['worker-1'])).toBe('worker-2');
    expect(pickOne(['worker-1'], ['worker-1', 'worker-2'])).toBeUndefined();
  });

  it('finds nobody where nobody is free', () => {
    expect(pickOne([], [], [])).toBeUndefined();
  });
});
