import { describe, expect, it } from 'vitest';
import { ChaosError, NothingRunsError } from '../../../tools/kit/system/system.js';
import { act, isSameEndpoint } from '../../../tools/monitor/control.js';
import { fakeChaosSystem } from '../chaos/support/fake-chaos-system.js';

const endpoint = 'http://127.0.0.1:4566';

describe('kill, pause and resume', () => {
  it.each([
    ['kill', 'worker-2: killed; comes back by itself'],
    ['pause', 'worker-2: paused; holds its connections until: resume'],
    ['resume', 'worker-2: resumed'],
  ] as const)('%s goes through the supervisor', async (action, text) => {
    const system = fakeChaosSystem();
    if (action === 'resume') system.state = { ...system.state, 'worker-2': 'paused' };
    const done = await act({ connect: () => Promise.resolve(system), endpoint }, action, 'worker-2');
    expect(done).toEqual({ text, style: 'good' });
    expect(system.requested).toEqual([[action, 'worker-2']]);
  });

  it('say so where no supervisor is found', async () => {
    const connect = () => Promise.reject(new NothingRunsError('nothing runs on .boomerang'));
    expect(await act({ connect, endpoint }, 'kill', 'worker-1')).toEqual({
      text: 'nothing runs on .boomerang',
      style: 'bad',
    });
  });

  it('tell what the supervisor refuses', async () => {
    const system = {
      ...fakeChaosSystem(),
      kill: () => Promise.reject(new ChaosError('there is no worker-9')),
    };
    const done = await act({ connect: () => Promise.resolve(system), endpoint }, 'kill', 'worker-9');
    expect(done).toEqual({ text: 'there is no worker-9', style: 'bad' });
  });

  it('leave a worker of the same name in another system alone', async () => {
    const system = fakeChaosSystem();
    const elsewhere = { connect: () => Promise.resolve(system), endpoint: 'http://127.0.0.1:4567' };
    expect((await act(elsewhere, 'kill', 'worker-1')).text).toMatch(/^nothing done: .*another stack.*--data/);
    expect(system.requested).toEqual([]);
  });

  it.each([
    ['http://localhost:4566', 'http://127.0.0.1:4566/', true],
    ['http://[::1]:4566', 'http://localhost:4566', true],
    ['http://127.0.0.1:4566', 'http://127.0.0.1:4567', false],
    ['http://stack:4566', 'http://127.0.0.1:4566', false],
    ['', 'http://127.0.0.1:4566', false],
    ['AWS us-east-1', 'AWS us-east-1', true],
  ])('take %s and %s for one: %s', (one, other, expected) => {
    expect(isSameEndpoint(one, other)).toBe(expected);
  });
});
