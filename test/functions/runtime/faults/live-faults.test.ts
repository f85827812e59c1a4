import { describe, expect, it } from 'vitest';
import { parseFaults, putFaultsSchema } from '../../../../contracts/worker/faults.js';
import type { InvokeRequest } from '../../../../contracts/worker/invoke.js';
import { seededDraw } from '../../../../functions/runtime/faults/fault-draw.js';
import type { FaultMemory } from '../../../../functions/runtime/faults/fault-file.js';
import { decideFault, makeCertain } from '../../../../functions/runtime/faults/fault-plan.js';
import { LiveFaults } from '../../../../functions/runtime/faults/live-faults.js';
import { ManualClock } from '../../../support/manual-clock.js';

function memory(): FaultMemory & { text: string | undefined } {
  return {
    text: undefined,
    load() {
      return this.text;
    },
    save(text) {
      this.text = text;
    },
  };
}

interface Setup {
  readonly startedWith?: string;
  readonly remembered?: FaultMemory;
  readonly stepMs?: number;
}

function create({ startedWith = 'none', remembered = memory(), stepMs = 0 }: Setup = {}) {
  const clock = new ManualClock(stepMs);
  const changes: string[] = [];
  const faults: LiveFaults = new LiveFaults({
    plan: parseFaults(startedWith),
    draw: seededDraw('seed', 'worker-1'),
    defaultLateMs: 1000,
    memory: remembered,
    clock,
    onChange: () => changes.push(faults.view('w').faults),
  });
  let batchNumber = 0;
  const invoke = (text = 'fine'): InvokeRequest => ({
    batchId: 'batch',
    batchNumber: (batchNumber += 1),
    delivery: 1,
    tasks: [{ taskId: 'batch-0', text }],
  });
  const kinds = (count: number, text?: string): readonly (string | undefined)[] =>
    Array.from({ length: count }, () => faults.decide(invoke(text)).fault?.kind);
  const set = (text: string, limits?: Parameters<LiveFaults['set']>[1]) =>
    faults.set(parseFaults(text), limits);
  return { faults, clock, changes, kinds, set };
}

describe('a plan for a number of invokes', () => {
  it('is met by each of them, whatever its probability, and gives way to the plan before it', () => {
    const { kinds, set, faults } = create({ startedWith: 'hang=1' });
    set('error=0.01', { count: 3 });
    expect(kinds(2)).toEqual(['error', 'error']);
    expect(faults.view('w')).toMatchObject({
      faults: 'error=0.01',
      countLeft: 1,
      beneath: [{ faults: 'hang=1' }],
    });
    expect(kinds(3)).toEqual(['error', 'hang', 'hang']);
  });

  it('keeps its kinds in proportion', () => {
    const { kinds, set } = create();
    set('error=0.03,drop=0.01', { count: 4000 });
    const met = kinds(4001);
    expect(met.at(-1)).toBeUndefined();
    expect(met.filter((kind) => kind === 'error').length / 4000).toBeCloseTo(0.75, 1.3);
    expect(met.filter((kind) => kind === 'drop').length / 4000).toBeCloseTo(0.25, 1.3);
  });

  it('waits for the texts that it is meant for', () => {
    const { kinds, set } = create();
    set('poison=boom', { count: 1 });
    expect(kinds(2)).toEqual([undefined, undefined]);
    expect(kinds(2, 'it goes boom')).toEqual(['poison', undefined]);
  });

  it('may spare invokes as well', () => {
    const { kinds, set } = create({ startedWith: 'error=1' });
    set('none', { count: 2 });
    expect(kinds(3)).toEqual([undefined, undefined, 'error']);
  });

  it('draws by the seed: the same again for the same invokes', () => {
    const replay = () => {
      const { kinds, set } = create();
      set('error=0.2,crash=0.1,drop=0.1', { count: 50 });
      return kinds(60);
    };
    expect(replay()).toEqual(replay());
    expect(new Set(replay())).toEqual(new Set(['error', 'crash', 'drop', undefined]));
  });
});

describe('makeCertain', () => {
  it('leaves no invoke out, even where the last draw is nearly one', () => {
    const plan = makeCertain(parseFaults('error=0.1,crash=0.1,hang=0.1'));
    const almostOne = () => 1 - 2 ** -48;
    const invoke = { batchId: 'b', batchNumber: 1, delivery: 1, tasks: [{ taskId: 'b-0', text: 't' }] };
    expect(decideFault(plan, almostOne, invoke, 0).fault).toEqual({ kind: 'hang' });
  });
});

describe('a plan for a time', () => {
  it('is over when the time is, and says so', () => {
    const { kinds, set, clock, faults, changes } = create({ startedWith: 'drop=1' });
    set('error=1', { forMs: 5000 });
    clock.advance(4999);
    expect(kinds(1)).toEqual(['error']);
    expect(faults.view('w')).toMatchObject({ faults: 'error=1', leftMs: 1 });
    clock.advance(1);
    expect(kinds(1)).toEqual(['drop']);
    expect(changes).toEqual(['error=1', 'drop=1']);
  });

  it('or its number of invokes, whichever comes first', () => {
    const { kinds, set, clock } = create();
    set('error=1', { forMs: 5000, count: 2 });
    expect(kinds(3)).toEqual(['error', 'error', undefined]);
    set('error=1', { forMs: 5000, count: 2 });
    clock.advance(5000);
    expect(kinds(1)).toEqual([undefined]);
  });

  it('gives way to one that was set before it and is not over yet', () => {
    const { kinds, set, clock } = create();
    set('error=1', { forMs: 10_000 });
    set('drop=1', { forMs: 2000 });
    expect(kinds(1)).toEqual(['drop']);
    clock.advance(2000);
    expect(kinds(1)).toEqual(['error']);
    clock.advance(8000);
    expect(kinds(1)).toEqual([undefined]);
  });

  it.each([-3_600_000, 3_600_000])('lasts its time, though the wall clock steps by %i ms', (stepMs) => {
    const { kinds, set, clock, faults } = create();
    set('error=1', { forMs: 5000 });
    clock.step(stepMs);
    expect(faults.view('w').leftMs).toBe(5000);
    clock.advance(5000);
    expect(kinds(1)).toEqual([undefined]);
  });

  it('lasts no longer in the process after a crash where the wall clock stepped back between', () => {
    const remembered = memory();
    create({ remembered }).set('error=1', { forMs: 5000 });
    const { clock, kinds } = create({ remembered, stepMs: -3_600_000 });
    clock.advance(5000);
    expect(kinds(1)).toEqual([undefined]);
  });

  it('never comes back where it passed beneath another one', () => {
    const { kinds, set, clock } = create();
    set('error=1', { forMs: 1000 });
    set('drop=1', { forMs: 2000 });
    clock.advance(1500);
    expect(kinds(1)).toEqual(['drop']);
    clock.advance(500);
    expect(kinds(1)).toEqual([undefined]);
  });
});

describe('a plan without limits', () => {
  it('replaces all that there is, and so does clearing', () => {
    const { kinds, set, faults, clock } = create({ startedWith: 'demo' });
    set('drop=1', { forMs: 1000 });
    set('error=1');
    expect(faults.view('w')).toEqual({ workerId: 'w', faults: 'error=1', list: 'error=1', beneath: [] });
    set('drop=1', { forMs: 1000 });
    faults.clear();
    clock.advance(2000);
    expect(faults.view('w')).toEqual({ workerId: 'w', faults: 'none', list: 'none', beneath: [] });
    expect(kinds(50).every((kind) => kind === undefined)).toBe(true);
  });
});

describe('the process after a crash', () => {
  it('goes on with what is left', () => {
    const remembered = memory();
    const before = create({ startedWith: 'demo', remembered });
    before.set('poison=boom');
    before.set('crash=0.5', { count: 3, forMs: 60_000 });
    before.kinds(1);
    const after = create({ startedWith: 'demo', remembered });
    expect(after.faults.view('w')).toEqual({
      workerId: 'w',
      faults: 'crash=0.5',
      list: 'crash=0.5',
      countLeft: 2,
      leftMs: 60_000,
      beneath: [{ faults: 'poison=boom' }],
    });
    expect(after.kinds(3, 'boom')).toEqual(['crash', 'crash', 'poison']);
  });

  it('remembers that faults were switched off', () => {
    const remembered = memory();
    create({ startedWith: 'storm', remembered }).faults.clear();
    expect(create({ startedWith: 'storm', remembered }).faults.view('w').faults).toBe('none');
  });

  it.each(['', '[]', '{"faults"', '[{"faults":"eror=1"}]'])(
    'goes by its settings where it finds %j',
    (text) => {
      const remembered = { ...memory(), text };
      expect(create({ startedWith: 'storm', remembered }).faults.view('w').faults).toBe('storm');
    },
  );
});

describe('the body of PUT /faults', () => {
  it.each([
    [{ faults: 'error=1', count: 0 }],
    [{ faults: 'error=1', count: 1.5 }],
    [{ faults: 'error=1', forMs: -1 }],
    [{ faults: 'error=1', forMs: 3_600_001 }],
    [{ faults: 'error=1', for: 10 }],
    [{ count: 3 }],
  ])('refuses %j', (body) => {
    expect(putFaultsSchema.safeParse(body).success).toBe(false);
  });
});
