import { describe, expect, it } from 'vitest';
import { scaleTimeouts } from '../../../../tools/chaos/experiment/scale-timeouts.js';
import { readExperiment } from '../../../../tools/chaos/definition/read-experiment.js';

const EXPERIMENT = readExperiment(
  'one.yaml',
  `name: one
description: x
load: { rate: 10, for: 20s, arrivals: { bursts: { rate: 100, for: 1s, every: 4s } } }
steady: { within: 5s }
timeline: [{ at: 4s, do: kill stack }]
drain: 3s
checks: { recovery: 6s }
`,
);

describe('patience with a system that is slower to come back', () => {
  it('stretches limits and load, and leaves alone what is done', () => {
    expect(scaleTimeouts(EXPERIMENT, { timeoutFactor: 2 })).toEqual({
      ...EXPERIMENT,
      load: {
        ...EXPERIMENT.load,
        rate: 5,
        for: 40_000,
        arrivals: { bursts: { rate: 50, for: 1000, every: 4000 } },
      },
      steady: { ...EXPERIMENT.steady, within: 10_000 },
      drain: 6000,
      checks: { ...EXPERIMENT.checks, recovery: 12_000 },
    });
  });

  it('changes nothing where a system is as quick', () => {
    expect(scaleTimeouts(EXPERIMENT, { timeoutFactor: 1 })).toEqual(EXPERIMENT);
  });
});
