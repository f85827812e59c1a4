import { describe, expect, it } from 'vitest';
import { workInLanes, type LanePorts } from '../../../coordinator/delivery/lanes.js';
import { Turns } from '../../../coordinator/delivery/turns.js';

const FIRST = 1;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function lanesOf(most: number, work: LanePorts<string, number>['work'], wait = () => Promise.resolve(false)) {
  let open = 1;
  let room = most;
  let look: () => void = () => undefined;
  let isLooking = false;
  const ports: LanePorts<string, number> = {
    open: (lanes) => {
      if (lanes >= room) return undefined;
      open += 1;
      return open;
    },
    close: () => void (open -= 1),
    everySoOften: (listener) => {
      look = listener;
      isLooking = true;
      return () => (isLooking = false);
    },
    work,
    wait,
  };
  const makeRoom = (lanes: number) => {
    room = lanes;
    look();
  };
  return { ports, makeRoom, openLanes: () => open, isLooking: () => isLooking };
}

describe('workInLanes', () => {
  it('does everything, as many at a time as there are lanes, and gives all of them back', async () => {
    const done: string[] = [];
    let atOnce = 0;
    let most = 0;
    const { ports, openLanes } = lanesOf(3, async (item) => {
      most = Math.max(most, (atOnce += 1));
      await settle();
      atOnce -= 1;
      done.push(item);
      return true;
    });
    await workInLanes(Array.from('abcdefgh'), FIRST, ports);
    expect(done.toSorted()).toEqual(Array.from('abcdefgh'));
    expect(most).toBe(3);
    expect(openLanes()).toBe(0);
  });

  it('lets one that takes long hold up no other', async () => {
    const done: string[] = [];
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const { ports } = lanesOf(2, async (item) => {
      if (item === 'a') await held;
      done.push(item);
      return true;
    });
    const working = workInLanes(Array.from('abcdef'), FIRST, ports);
    await settle();
    expect(done).toEqual(Array.from('bcdef'));
    end();
    await working;
    expect(done.at(-1)).toBe('a');
  });

  it('takes room that comes while its only lane is busy, and looks for none when all is done', async () => {
    const done: string[] = [];
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const { ports, makeRoom, isLooking } = lanesOf(1, async (item) => {
      if (item === 'a') await held;
      done.push(item);
      return true;
    });
    const working = workInLanes(Array.from('abc'), FIRST, ports);
    await settle();
    expect(done).toEqual([]);
    makeRoom(2);
    await settle();
    expect(done).toEqual(['b', 'c']);
    end();
    await working;
    expect(isLooking()).toBe(false);
  });

  it('waits where nothing can be done, and gives up when there is nothing to wait for', async () => {
    const waits: string[] = [];
    let can = false;
    const { ports } = lanesOf(
      2,
      () => Promise.resolve(can),
      () => {
        waits.push('waited');
        can = waits.length === 2;
        return Promise.resolve(true);
      },
    );
    await workInLanes(Array.from('abc'), FIRST, ports);
    expect(waits).toHaveLength(2);
    const never = lanesOf(2, () => Promise.resolve(false));
    await workInLanes(Array.from('abc'), FIRST, never.ports);
    expect(never.openLanes()).toBe(0);
  });

  it('fails as its work fails, when all lanes have ended', async () => {
    const { ports, openLanes } = lanesOf(2, async (item) => {
      await settle();
      if (item === 'a') throw new Error('broken');
      return true;
    });
    await expect(workInLanes(Array.from('abc'), FIRST, ports)).rejects.toThrow('broken');
    expect(openLanes()).toBe(0);
  });
});

describe('turns', () => {
  it('come one after the other, also after one that failed, and not at all once there is no use in it', async () => {
    const turns = new Turns();
    const over = new AbortController();
    const seen: string[] = [];
    const take = (name: string, work = () => Promise.resolve()) =>
      turns.take(async () => {
        seen.push(`${name} begins`);
        await settle();
        await work();
        seen.push(`${name} ends`);
      }, over.signal);
    const first = take('a', () => Promise.reject(new Error('broken')));
    const second = take('b');
    await expect(first).rejects.toThrow('broken');
    await second;
    expect(seen).toEqual(['a begins', 'b begins', 'b ends']);
    over.abort();
    await take('c');
    expect(seen).toHaveLength(3);
  });
});
