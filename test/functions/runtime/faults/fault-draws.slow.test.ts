import { describe, expect, it } from 'vitest';
import { parseFaults } from '../../../../contracts/worker/faults.js';
import type { InvokeRequest } from '../../../../contracts/worker/invoke.js';
import { seededDraw, taskIndexOf, type FaultDraw } from '../../../../functions/runtime/faults/fault-draw.js';
import { decideFault } from '../../../../functions/runtime/faults/fault-plan.js';

const VISIBILITY_MS = 31_000;

function invoke(batchNumber: number, slots = [0], text = 'fine'): InvokeRequest {
  const batchId = '0190aaaa-0000-7000-8000-000000000000';
  return {
    batchId,
    batchNumber,
    delivery: 1,
    tasks: slots.map((slot) => ({ taskId: `${batchId}-${slot}`, text })),
  };
}

function decide(faults: string, request = invoke(1), draw = seededDraw('seed', 'worker-1')) {
  return decideFault(parseFaults(faults), draw, request, VISIBILITY_MS);
}

function kindsOf(
  faults: string,
  count: number,
  draw = seededDraw('seed', 'worker-1'),
): (string | undefined)[] {
  return Array.from({ length: count }, (_, batch) => decide(faults, invoke(batch), draw).fault?.kind);
}

describe('decideFault', () => {
  it('gives each kind its probability, although an invoke meets only one', () => {
    const count = 20_000;
    const kinds = kindsOf('error=0.2,crash=0.05,hang=0.05,drop=0.05,partial=0.1,garbage=0.1,late=0.3', count);
    const share = (wanted: string): number =>
      kinds.filter((kind) => (kind ?? 'none') === wanted).length / count;
    expect(share('error')).toBeCloseTo(0.2, 1.7);
    expect(share('crash')).toBeCloseTo(0.05, 1.7);
    expect(share('drop')).toBeCloseTo(0.05, 1.7);
    expect(share('partial')).toBeCloseTo(0.1, 1.7);
    expect(share('late')).toBeCloseTo(0.3, 1.7);
    expect(share('none')).toBeCloseTo(0.15, 1.7);
  });

  it('always meets what is certain and never what is not in the plan', () => {
    expect(new Set(kindsOf('error=1', 500))).toEqual(new Set(['error']));
    expect(new Set(kindsOf('error=0.5,late=0.5', 500))).toEqual(new Set(['error', 'late']));
    expect(new Set(kindsOf('none', 500))).toEqual(new Set([undefined]));
  });

  it('draws delays from their whole range', () => {
    const delays = Array.from({ length: 2000 }, (_, batch) => decide('delay=100±50', invoke(batch)).delayMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
    expect(Math.min(...delays)).toBeLessThan(55);
    expect(Math.max(...delays)).toBeLessThan(150);
    expect(Math.max(...delays)).toBeGreaterThan(145);
  });

  it('never delays by less than nothing', () => {
    const delays = Array.from({ length: 100 }, (_, batch) => decide('delay=1±10', invoke(batch)).delayMs);
    expect(Math.min(...delays)).toBe(0);
  });

  it('lets half of the tasks fail in part, and at least one', () => {
    const fault = decide('partial=1', invoke(1, [3, 4, 5, 6, 7])).fault;
    expect(fault).toMatchObject({ kind: 'partial', failingTaskIds: { size: 2 } });
    expect(decide('partial=1', invoke(1, [3])).fault).toMatchObject({ failingTaskIds: { size: 1 } });
  });

  it('is late by the time given, else by the visibility timeout and a second', () => {
    expect(decide('late=1@50').fault).toEqual({ kind: 'late', lateMs: 50 });
    expect(decide('late=1').fault).toEqual({ kind: 'late', lateMs: VISIBILITY_MS });
  });

  it('is poisoned by a word, whatever else the plan says', () => {
    expect(decide('error=1,poison=boom', invoke(1, [0], 'it goes boom!')).fault?.kind).toBe('poison');
    expect(decide('poison=boom', invoke(1, [0], 'all is well')).fault).toBeUndefined();
  });
});

describe('what happens in the function itself', () => {
  it.each(['loop', 'oom'] as const)('%s comes by a word, or by chance', (kind) => {
    expect(decide(`error=1,${kind}=boom`, invoke(1, [0], 'it goes boom!')).fault).toEqual({ kind });
    expect(decide(`${kind}=boom`, invoke(1, [0], 'all is well')).fault).toBeUndefined();
    const kinds = kindsOf(`${kind}=0.25`, 4000);
    expect(kinds.filter((drawn) => drawn === kind).length / kinds.length).toBeCloseTo(0.25, 1);
  });
});

describe('seededDraw', () => {
  const plan = 'error=0.3,crash=0.2,partial=0.2,delay=100±100';
  const replay = (draw: FaultDraw, order: readonly number[]) =>
    new Map(order.map((batch) => [batch, decide(plan, invoke(batch, [0, 1, 2]), draw)]));
  const numbers = Array.from({ length: 200 }, (_, index) => index);

  it('draws the same again, in whatever order the invokes come', () => {
    const forwards = replay(seededDraw('42', 'worker-1'), numbers);
    const backwards = replay(seededDraw('42', 'worker-1'), numbers.toReversed());
    expect(numbers.map((batch) => backwards.get(batch))).toEqual(numbers.map((batch) => forwards.get(batch)));
  });

  it.each([
    ['seed', seededDraw('43', 'worker-1')],
    ['worker', seededDraw('42', 'worker-2')],
  ])('draws differently for another %s', (_, other) => {
    expect([...replay(other, numbers).values()]).not.toEqual([
      ...replay(seededDraw('42', 'worker-1'), numbers).values(),
    ]);
  });

  it('draws differently for another delivery, slot or kind', () => {
    const draw = seededDraw('42', 'worker-1');
    const first = draw('error', { batchNumber: 1, delivery: 1 }, '0');
    expect(draw('error', { batchNumber: 1, delivery: 1 }, '0')).toBe(first);
    expect(draw('error', { batchNumber: 1, delivery: 2 }, '0')).not.toBe(first);
    expect(draw('error', { batchNumber: 1, delivery: 1 }, '1')).not.toBe(first);
    expect(draw('crash', { batchNumber: 1, delivery: 1 }, '0')).not.toBe(first);
  });

  it('does not depend on the id of the batch, only on its slots', () => {
    const other = { ...invoke(7), batchId: 'another', tasks: [{ taskId: 'another-0', text: 'other' }] };
    expect(decide(plan, other)).toEqual(decide(plan, invoke(7)));
  });
});

describe('slotOf', () => {
  it('is what follows the last dash', () => {
    expect(taskIndexOf('0190aaaa-0000-7000-8000-000000000000-17')).toBe('17');
    expect(taskIndexOf('plain')).toBe('plain');
  });
});
