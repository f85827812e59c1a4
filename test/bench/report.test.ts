import { describe, expect, it } from 'vitest';
import type { LoadShape } from '../../bench/load.js';
import { withoutNeighbor, type BareRun } from '../../bench/measure-bare.js';
import type { SystemMeasurement } from '../../bench/measure-system.js';
import { createReport } from '../../bench/report.js';
import { measureRounds } from '../../bench/rounds.js';
import { printReport } from '../../bench/table.js';

const machine = {
  cores: 2,
  cpuModel: 'Imaginary 9000',
  node: '20.20.2',
  platform: 'linux x64',
  cpuTimeKnown: true,
};
const crowd: LoadShape = { clients: 256, textsPerRequest: 1 };
const arrays: LoadShape = { clients: 12, textsPerRequest: 32 };

function measured(tasksPerSecond: number, rest: Partial<SystemMeasurement> = {}): SystemMeasurement {
  const noErrors = { count: 0, complaints: [] };
  return { tasksPerSecond, p50Ms: 10, p99Ms: 30, cpuMsPerTask: 2.5, errors: noErrors, ...rest };
}

/** Rates come in the order in which they are asked for. */
async function roundsOf(
  count: number,
  bareRates: number[],
  systemRuns: SystemMeasurement[],
  idleSystemCores: number | null = 0.013,
) {
  const order: string[] = [];
  const rounds = await measureRounds(count, [crowd, arrays], {
    bare: () => {
      order.push('bare');
      const textsPerSecond = bareRates.shift() ?? NaN;
      return Promise.resolve<BareRun>({ textsPerSecond, cpuMsPerText: 2, idleSystemCores });
    },
    system: (shape) => {
      order.push(String(shape.clients));
      return Promise.resolve(systemRuns.shift() ?? measured(NaN));
    },
  });
  return { order, rounds };
}

describe('measureRounds', () => {
  it('measures the bare model before and after each run of the system', async () => {
    const { order } = await roundsOf(2, [1, 1, 1, 1, 1], []);
    expect(order).toEqual(['bare', '256', 'bare', '12', 'bare', '256', 'bare', '12', 'bare']);
  });

  it('takes shares of the bare runs next to a run, not of all', async () => {
    const { rounds } = await roundsOf(1, [900, 1100, 500], [measured(500), measured(400)]);
    expect(rounds.systemRuns.map(({ share }) => share)).toEqual([0.5, 0.5]);
  });
});

describe('withoutNeighbor', () => {
  it('counts back in what somebody else took of the cores', () => {
    expect(withoutNeighbor(980, 2, 0.04)).toBeCloseTo(1000);
    expect(withoutNeighbor(980, 2, 0)).toBe(980);
  });
});

describe('the report', () => {
  it('of one round has no ranges', async () => {
    const { rounds } = await roundsOf(1, [1000, 1000, 1000], [measured(700), measured(900)]);
    const report = createReport(machine, 0.02, [crowd, arrays], {
      ...rounds,
      bareRuns: rounds.bareRuns.slice(0, 1),
    });
    expect(report).toEqual({
      machine,
      bareTextsPerSecond: 1000,
      bareCpuMsPerText: 2,
      idleSystemCores: 0.013,
      bystanderCores: 0.02,
      rows: [
        {
          system: 'boomerang',
          ...crowd,
          tasksPerSecond: 700,
          share: 0.7,
          p50Ms: 10,
          p99Ms: 30,
          cpuMsPerTask: 2.5,
          errors: 0,
        },
        {
          system: 'boomerang',
          ...arrays,
          tasksPerSecond: 900,
          share: 0.9,
          p50Ms: 10,
          p99Ms: 30,
          cpuMsPerTask: 2.5,
          errors: 0,
        },
      ],
    });
  });

  it('of several rounds has the median, min and max of each figure, and all errors together', async () => {
    const wrong = { errors: { count: 2, complaints: ['wrong'] } };
    const runs = [
      measured(600, wrong),
      measured(1),
      measured(800, wrong),
      measured(1),
      measured(500),
      measured(1),
    ];
    const { rounds } = await roundsOf(3, [1000, 1000, 1000, 1000, 1000, 1000, 1300], runs);
    const report = createReport(machine, 0.02, [crowd, arrays], rounds);
    expect(report).toMatchObject({
      bareTextsPerSecond: 1000,
      min: { bareTextsPerSecond: 1000 },
      max: { bareTextsPerSecond: 1300 },
    });
    expect(report.rows[0]).toMatchObject({
      tasksPerSecond: 600,
      share: 0.6,
      errors: 4,
      min: { tasksPerSecond: 500, share: 0.5, p50Ms: 10 },
      max: { tasksPerSecond: 800, share: 0.8, p99Ms: 30 },
    });
  });

  it('says null where CPU time cannot be told, never NaN', async () => {
    const blind = measured(700, { cpuMsPerTask: null });
    const { rounds } = await roundsOf(2, [1, 1, 1, 1, 1], [blind, blind, blind, blind], null);
    const report = createReport(machine, 0.02, [crowd, arrays], rounds);
    expect(report.rows[0]).toMatchObject({
      cpuMsPerTask: null,
      min: { cpuMsPerTask: null },
      max: { cpuMsPerTask: null },
    });
  });
});

describe('the table', () => {
  it('shows medians with their range, in columns', async () => {
    const runs = [measured(600), measured(903), measured(800), measured(905)];
    const { rounds } = await roundsOf(2, [1000, 1000, 1000, 1000, 1000], runs);
    const printed = printReport(createReport(machine, 0.02, [crowd, arrays], rounds));
    expect(printed).toContain('bare model, 2 processes, tokenizing included: 1000 (1000–1000) texts/s');
    expect(printed).toContain('took 1.3 % of one core');
    const [headings = '', first = '', second = ''] = printed.split('\n').slice(5);
    expect(first).toMatch(/^boomerang +256 +1 +700 \(600–800\) +0\.70 \(0\.60–0\.80\) +10\.0 .* 0$/);
    expect(second).toMatch(/^boomerang +12 +32 +904 \(903–905\) +0\.90 /);
    expect([first.length, second.length]).toEqual([headings.length, headings.length]);
  });

  it('calls unknown what is not known, and brackets nothing after one round', async () => {
    const blind = measured(700, { cpuMsPerTask: null });
    const { rounds } = await roundsOf(1, [1000, 1000, 1000], [blind, measured(900)], null);
    const printed = printReport(createReport(machine, 0.02, [crowd, arrays], rounds));
    expect(printed).toMatch(/700 +0\.70 +10\.0 +30\.0 +unknown +0$/m);
    expect(printed).not.toContain('of one core');
  });

  it('warns where other programs were busy', async () => {
    const { rounds } = await roundsOf(1, [1000, 1000, 1000], [measured(700), measured(900)]);
    const printed = (bystanderCores: number | null): string =>
      printReport(createReport(machine, bystanderCores, [crowd, arrays], rounds));
    expect(printed(0.62)).toContain('Other programs took 0.6 cores meanwhile');
    for (const fine of [0.02, null]) expect(printed(fine)).not.toContain('Other programs');
  });
});
