import { describe, expect, it } from 'vitest';
import { UnansweredError } from '../../../../tools/kit/system/call.js';
import { heal } from '../../../../tools/kit/system/heal.js';
import { ChaosError } from '../../../../tools/kit/system/system.js';
import { fakeChaosSystem } from '../../chaos/support/fake-chaos-system.js';

const nothing = () => Promise.resolve(undefined);

describe('heal', () => {
  it('finds nothing to do where all is well', async () => {
    const system = fakeChaosSystem();
    expect(await heal(system, nothing)).toEqual([]);
    expect(system.requested).toEqual([]);
  });

  it('resumes, starts and calms, and tells what it did', async () => {
    const system = fakeChaosSystem();
    system.state = { ...system.state, 'worker-1': 'paused', coordinator: 'stopped' };
    const calmed: string[] = [];
    const healed = await heal(system, (target) => {
      calmed.push(target);
      return Promise.resolve(target === 'stack' ? 'stack: cut off' : undefined);
    });
    expect(healed).toEqual(['coordinator: started', 'worker-1: resumed', 'stack: cut off']);
    expect(calmed).toEqual(['worker-1', 'worker-2', 'stack']);
  });

  it('waits for what comes back by itself', async () => {
    const system = fakeChaosSystem();
    system.state = { ...system.state, 'worker-2': 'restarting' };
    let looks = 0;
    const processes = () => {
      looks += 1;
      if (looks > 3) system.state = { ...system.state, 'worker-2': 'running' };
      return system.processes();
    };
    expect(await heal({ ...system, processes }, nothing)).toEqual(['worker-2: back by itself']);
    expect(looks).toBeGreaterThan(3);
  });

  it('does not give up on a worker that crashes while it is being healed', async () => {
    let tries = 0;
    const healed = await heal(fakeChaosSystem(), (target) => {
      if (target !== 'worker-1') return nothing();
      tries += 1;
      return tries < 4 ? Promise.reject(new UnansweredError('gone again')) : Promise.resolve('calm');
    });
    expect(healed).toEqual(['calm']);
  });

  it('heals the rest where one thing cannot be healed, and names that', async () => {
    const system = fakeChaosSystem();
    system.state = { ...system.state, 'worker-1': 'paused', 'worker-2': 'paused' };
    const resume = (target: string) =>
      target === 'worker-1' ? Promise.reject(new ChaosError('worker-1 will not')) : system.resume(target);
    const healing = heal({ ...system, resume }, nothing, { timeoutMs: 100 });
    await expect(healing).rejects.toThrow('worker-1 will not; not running: worker-1 (paused)');
    expect(system.state['worker-2']).toBe('running');
  });
});
