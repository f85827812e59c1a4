import { describe, expect, it } from 'vitest';
import { readExperiment } from '../../../../tools/chaos/definition/read-experiment.js';
import { planSteps, runTimeline, type Mark } from '../../../../tools/chaos/timeline/timeline.js';
import { ChaosError } from '../../../../tools/kit/system/system.js';
import { SeededRandom } from '../../../../infra/process/seeded-random.js';
import { fakeSystem, type FakeSystem } from '../support/fake-system.js';

/** Each step as `TIME WORDS`. */
function stepsOf(system: FakeSystem, ...steps: readonly string[]) {
  const lines = steps.map((step) => {
    const [at, ...words] = step.split(' ');
    return `  - { at: ${at ?? ''}, do: ${words.join(' ')} }`;
  });
  const text = `name: one\ndescription: x\nload: { rate: 1, for: 1s }\ntimeline:\n${lines.join('\n')}\n`;
  return planSteps(readExperiment('one.yaml', text).timeline, system);
}

function start(system: FakeSystem, steps: readonly string[], seed = 1) {
  const stop = new AbortController();
  const startedAtMs = performance.now();
  const changes: string[] = [];
  const timeline = runTimeline(stepsOf(system, ...steps), {
    system,
    random: new SeededRandom(seed),
    now: () => performance.now() - startedAtMs,
    signal: stop.signal,
    onChange: (mark: Mark) => changes.push(mark.text),
  });
  return { timeline, stop, changes };
}

describe('the steps of a timeline', () => {
  it('come in the order of time, repeated as often as they say', () => {
    const system = fakeSystem();
    const text = `name: one\ndescription: x\nload: { rate: 1, for: 1s }
timeline:
  - { at: 3s, do: heal }
  - { at: 1s, every: 1500ms, times: 3, do: kill any }
`;
    const steps = planSteps(readExperiment('one.yaml', text).timeline, system);
    expect(steps.map(({ text: words, atMs }) => [words, atMs])).toEqual([
      ['kill any', 1000],
      ['kill any', 2500],
      ['heal', 3000],
      ['kill any', 4000],
    ]);
  });

  it('are refused where there is no such worker, before anything is broken', () => {
    expect(() => stepsOf(fakeSystem(), '1s kill worker-4')).toThrow(ChaosError);
  });
});

describe('a timeline', () => {
  it('does each step to its targets', async () => {
    const system = fakeSystem();
    const { timeline } = start(system, [
      '0ms kill all',
      '20ms fault worker-2 error=0.5 for 50ms',
      '40ms fault worker-1 crash=1 next 3',
      '60ms latency stack 200±50 for 10ms',
      '80ms cut stack for 10ms',
      '100ms empty queue',
      '120ms restart stack empty',
      '140ms heal',
    ]);
    await timeline.done;
    expect(system.actions).toEqual([
      'kill worker-1',
      'kill worker-2',
      'kill worker-3',
      'fault worker-2 error=0.5 50/',
      'fault worker-1 crash=1 /3',
      'network {"delayMs":200,"jitterMs":50,"forMs":10}',
      'network {"cut":true,"forMs":10}',
      'empty queue',
      'restart stack empty',
      'heal',
    ]);
  });

  it('says which steps leave nothing in the stack', async () => {
    const steps = [
      '0ms restart stack empty',
      '10ms restart stack',
      '20ms kill stack',
      '30ms stop stack for 1ms',
      '40ms pause stack for 1ms',
      '50ms kill worker-1',
    ];
    const emptying = async (stackIsVolatile: boolean): Promise<readonly string[]> => {
      const { timeline } = start(
        fakeSystem(() => undefined, { stackIsVolatile }),
        steps,
      );
      await timeline.done;
      return timeline.marks.filter(({ emptiesStack }) => emptiesStack).map(({ text }) => text);
    };
    expect(await emptying(false)).toEqual(['restart stack empty']);
    expect(await emptying(true)).toEqual([
      'restart stack empty',
      'restart stack',
      'kill stack',
      'stop stack for 1ms',
    ]);
  });

  it('ends what it froze or stopped when its time is over', async () => {
    const system = fakeSystem();
    const { timeline } = start(system, ['0ms pause worker-1 for 80ms', '10ms stop stack for 20ms']);
    await timeline.done;
    expect(system.actions).toEqual(['pause worker-1', 'stop stack', 'start stack', 'resume worker-1']);
    const [pause] = timeline.marks;
    expect((pause?.overAtMs ?? 0) - (pause?.atMs ?? 0)).toBeGreaterThanOrEqual(78);
  });

  it('leaves to healing what has no end of its own, and does not wait for it', async () => {
    const system = fakeSystem();
    const { timeline } = start(system, ['0ms pause worker-1', '0ms fault all error=1']);
    await timeline.done;
    expect(timeline.marks.map(({ overAtMs }) => overAtMs)).toEqual([undefined, undefined]);
    expect(system.actions).not.toContain('resume worker-1');
  });

  it('knows all to be over that a step of it healed', async () => {
    const { timeline } = start(fakeSystem(), ['0ms pause worker-1', '20ms heal']);
    await timeline.done;
    expect(timeline.marks.every(({ overAtMs }) => overAtMs !== undefined)).toBe(true);
  });

  it('draws the same worker for the same seed', async () => {
    const drawn = async (seed: number): Promise<string> => {
      const system = fakeSystem();
      await start(system, Array<string>(8).fill('0ms kill any'), seed).timeline.done;
      return system.actions.join();
    };
    expect(await drawn(1)).toBe(await drawn(1));
    expect(await drawn(1)).not.toBe(await drawn(2));
  });

  it('tells which worker it drew', async () => {
    const system = fakeSystem();
    const { timeline } = start(system, ['0ms kill any']);
    await timeline.done;
    expect(system.actions).toEqual([`kill ${timeline.marks[0]?.targets.join() ?? ''}`]);
  });

  it('tries again where a process is just coming back', async () => {
    let tries = 0;
    const system = fakeSystem(() => (++tries < 3 ? new ChaosError('it is down') : undefined));
    const { timeline } = start(system, ['0ms kill worker-1']);
    await timeline.done;
    expect(system.actions).toHaveLength(3);
    expect(timeline.marks[0]?.problem).toBeUndefined();
  });

  it('notes what could not be done, and goes on', async () => {
    const system = fakeSystem((action) =>
      action === 'kill worker-1' ? new Error('no such process') : undefined,
    );
    const { timeline, changes } = start(system, ['0ms kill worker-1', '20ms kill worker-2']);
    await timeline.done;
    expect(timeline.marks).toMatchObject([{ problem: 'no such process' }, { targets: ['worker-2'] }]);
    expect(changes).toEqual(['kill worker-1', 'kill worker-1', 'kill worker-2', 'kill worker-2']);
  });

  it('does nothing more once it is halted', async () => {
    const system = fakeSystem();
    const { timeline, stop } = start(system, ['0ms pause worker-1 for 1h', '1h kill worker-2']);
    await expect.poll(() => system.actions).toEqual(['pause worker-1']);
    stop.abort();
    await Promise.all([timeline.done, timeline.begun]);
    expect(system.actions).toEqual(['pause worker-1']);
  });
});
