import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseAction } from '../../../../tools/chaos/action/action.js';
import { planLoad } from '../../../../tools/chaos/load/plan-load.js';
import { UsageError } from '../../../../tools/kit/system/system.js';
import { ExperimentSyntaxError, readExperiment } from '../../../../tools/chaos/definition/read-experiment.js';
import { listShipped } from '../../../../tools/chaos/definition/shipped.js';

const HEAD = 'name: one\ndescription: Something breaks.\n';
const LOAD = 'load: { rate: 20, for: 5s }\n';

function complaintsOf(text: string): readonly string[] {
  try {
    readExperiment('one.yaml', text);
  } catch (error) {
    if (error instanceof ExperimentSyntaxError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('an experiment in YAML', () => {
  it('needs little', () => {
    expect(readExperiment('one.yaml', HEAD + LOAD)).toMatchObject({
      name: 'one',
      load: { rate: 20, for: 5000, arrivals: 'poisson', textsPerRequest: { min: 1, max: 1 } },
      timeline: [],
      steady: { ready: true, within: 20_000 },
      checks: { failed: 'none' },
    });
  });

  it('may say everything', () => {
    const text = `${HEAD}
system: { workers: 2, settings: { VISIBILITY_TIMEOUT_SECONDS: 3 } }
load:
  rate: 20
  for: 1m
  arrivals: { bursts: { rate: 100, for: 1s, every: 5s } }
  textsPerRequest: 1..4
  poisonous: { word: kryptonite, requests: 2 }
timeline:
  - { at: 5s, do: kill worker-1 }
  - { at: 7s, every: 2s, times: 3, do: pause any for 500ms }
stop: { successBelow: 0.2, for: 5s, longerThan: 2m }
drain: 45s
checks: { failed: { atMost: 3 }, recovery: 5s, late: { atLeast: 1 } }
`;
    expect(readExperiment('one.yaml', text)).toMatchObject({
      system: { workers: 2, settings: { VISIBILITY_TIMEOUT_SECONDS: '3' } },
      load: {
        for: 60_000,
        arrivals: { bursts: { rate: 100, for: 1000, every: 5000 } },
        textsPerRequest: { min: 1, max: 4 },
      },
      timeline: [
        { at: 5000, do: { text: 'kill worker-1', action: { verb: 'kill', target: 'worker-1' } } },
        { at: 7000, every: 2000, times: 3, do: { action: { verb: 'pause', target: 'any', forMs: 500 } } },
      ],
      drain: 45_000,
      checks: { failed: { atMost: 3 }, recovery: 5000 },
    });
  });

  it.each([
    [
      'a misspelt check',
      `${HEAD}${LOAD}checks:\n  recovry: 5s\n`,
      'one.yaml:5:3 checks: there is no "recovry" here',
    ],
    [
      'a step that is none',
      `${HEAD}${LOAD}timeline:\n  - at: 5s\n    do: explode worker-1\n`,
      'one.yaml:6:9 timeline[0].do: "explode worker-1" is no step: expected one such as kill worker-1',
    ],
    [
      'a time without a unit',
      `${HEAD}${LOAD}timeline:\n  - { at: 5, do: heal }\n`,
      'one.yaml:5:11 timeline[0].at: expected a duration such as 200ms, 5s or 2m',
    ],
    [
      'a time with a strange unit',
      `${HEAD}${LOAD}drain: 5 parsecs\n`,
      'one.yaml:4:8 drain: expected a duration such as 200ms, 5s or 2m, not "5 parsecs"',
    ],
    ['a missing load', HEAD, 'one.yaml:1:1 load:'],
    ['a missing rate', `${HEAD}load: { for: 5s }\n`, 'one.yaml:3:7 load.rate: expected requests a second'],
    [
      'a rate of nothing',
      `${HEAD}load: { rate: 0, for: 5s }\n`,
      'one.yaml:3:15 load.rate: expected requests a second',
    ],
    [
      'arrivals that are none',
      `${HEAD}load: { rate: 1, for: 5s, arrivals: sometimes }\n`,
      'one.yaml:3:37 load.arrivals: expected constant, poisson, bursts',
    ],
    [
      'half a burst',
      `${HEAD}load: { rate: 1, for: 5s, arrivals: { bursts: { rate: 5, for: 1s } } }\n`,
      'one.yaml:3:47 load.arrivals.bursts.every: expected a duration',
    ],
    [
      'texts from more to fewer',
      `${HEAD}load: { rate: 1, for: 5s, textsPerRequest: 4..1 }\n`,
      'one.yaml:3:44 load.textsPerRequest: expected a number of texts',
    ],
    [
      'repetitions without an interval',
      `${HEAD}${LOAD}timeline:\n  - { at: 5s, do: heal, times: 3 }\n`,
      'one.yaml:5:5 timeline[0]: expected every and times together',
    ],
    [
      'a share above all',
      `${HEAD}load: { rate: 1, for: 5s, keyed: 30 }\n`,
      'one.yaml:3:34 load.keyed: expected a share from 0 to 1',
    ],
    [
      'a name that is no folder',
      `name: ../up\ndescription: x\n${LOAD}`,
      'one.yaml:1:7 name: expected small letters, digits and dashes',
    ],
    [
      'a fault that is none',
      `${HEAD}${LOAD}timeline:\n  - { at: 5s, do: fault all eror=0.5 }\n`,
      'one.yaml:5:19 timeline[0].do: "eror" is no fault',
    ],
    ['a setting that is none', `${HEAD}${LOAD}system: { settings: { workers: 3 } }\n`, 'one.yaml:4:'],
  ])('says what is wrong, and where: %s', (_what, text, complaint) => {
    const complaints = complaintsOf(text);
    expect(complaints[0]).toContain(complaint);
    expect(complaints).toHaveLength(1);
  });

  it('tells all mistakes at once', () => {
    expect(complaintsOf(`name: A\ndescription: x\nload: { rate: -1, for: 5s }\nwrong: 1\n`)).toHaveLength(3);
  });

  it.each([
    ['broken YAML', `${HEAD}load: { rate: 20\n`, /^one\.yaml:\d+:\d+ /],
    ['a key twice', `${HEAD}${LOAD}drain: 5s\ndrain: 6s\n`, /^one\.yaml:5:1 .*unique/],
    ['nothing', '', /^one\.yaml:1:1 /],
    ['a list', '- 1\n', /^one\.yaml:1:1 expected an experiment/],
  ])('says where YAML itself is wrong: %s', (_what, text, complaint) => {
    expect(complaintsOf(text)[0]).toMatch(complaint);
  });
});

describe('the words of a step', () => {
  it.each([
    ['kill worker-2', { verb: 'kill', target: 'worker-2' }],
    ['pause any for 5s', { verb: 'pause', target: 'any', forMs: 5000 }],
    ['stop stack for 500ms', { verb: 'stop', target: 'stack', forMs: 500 }],
    ['restart stack empty', { verb: 'restart', target: 'stack', empty: true }],
    ['restart coordinator', { verb: 'restart', target: 'coordinator' }],
    ['fault all error=0.5 for 10s', { verb: 'fault', target: 'all', faults: 'error=0.5', forMs: 10_000 }],
    ['fault worker-1 crash=1 next 3', { verb: 'fault', target: 'worker-1', faults: 'crash=1', count: 3 }],
    ['fault any storm', { verb: 'fault', target: 'any', faults: 'storm' }],
    ['latency stack 200±50', { verb: 'latency', delayMs: 200, jitterMs: 50 }],
    ['latency stack 200+-50ms for 2s', { verb: 'latency', delayMs: 200, jitterMs: 50, forMs: 2000 }],
    ['cut stack for 5s', { verb: 'cut', forMs: 5000 }],
    ['empty queue', { verb: 'empty-queue' }],
    ['heal', { verb: 'heal' }],
  ])('are understood: %s', (text, action) => {
    expect(parseAction(text)).toEqual(action);
  });

  it.each([
    ['', 'is no step'],
    ['kill', 'not nothing'],
    ['kill everybody', 'not "everybody"'],
    ['kill worker-1 now', 'is no step'],
    ['kill worker-1 for 5s', 'takes no time'],
    ['restart worker-1 empty', 'is no step'],
    ['pause any for ever', '"ever" is no duration; expected one such as'],
    ['fault coordinator error=1', 'no fault plan'],
    ['fault all', 'fault: expected faults, not nothing'],
    ['fault all error=2', 'probability'],
    ['fault all error=1 often', 'is no step'],
    ['fault all error=1 next x', 'next x: expected a whole number of invokes'],
    ['fault all error=1 for 2h', 'for 2h: expected a duration from a millisecond to an hour'],
    ['pause any next 3', 'is no step'],
    ['latency worker-1 200', 'latency: there is no "worker-1" here; expected stack'],
    ['latency stack soon', '"soon" is no latency; expected milliseconds'],
    ['cut worker-1', 'cut: there is no "worker-1" here; expected stack'],
    ['empty queue for 5s', 'takes no time'],
    ['heal worker-1', 'is no step'],
  ])('are refused with a reason: %s', (text, reason) => {
    expect(() => parseAction(text)).toThrow(UsageError);
    expect(() => parseAction(text)).toThrow(reason);
  });
});

describe('the planned load', () => {
  const { load } = readExperiment(
    'one.yaml',
    `${HEAD}load: { rate: 50, for: 10s, keyed: 0.5, async: 0.2, poisonous: { word: kryptonite, requests: 3 } }\n`,
  );
  const pool = ['good', 'bad'];

  it('is the same for the same seed', () => {
    expect(planLoad(load, pool)).toEqual(planLoad(load, pool));
    expect(planLoad({ ...load, seed: 2 }, pool)).not.toEqual(planLoad(load, pool));
  });

  it('holds its shares, and as many poisonous requests as were asked for', () => {
    const requests = planLoad(load, pool);
    expect(requests.filter(({ keyed }) => keyed).length / requests.length).toBeCloseTo(0.5, 1);
    expect(requests.filter(({ async }) => async).length / requests.length).toBeCloseTo(0.2, 1);
    expect(requests.filter(({ texts }) => texts.some((text) => text.includes('kryptonite')))).toHaveLength(3);
    expect(requests.map(({ index }) => index)).toEqual(requests.map((_, index) => index));
  });
});

describe('the shipped experiments', () => {
  it('can all be read, are named after their files, and are at least ten', async () => {
    const shipped = await listShipped();
    expect(shipped.length).toBeGreaterThanOrEqual(10);
    for (const { name, file } of shipped) {
      expect(readExperiment(file, await readFile(file, 'utf8')).name).toBe(name);
    }
  });
});
