import { describe, expect, it } from 'vitest';
import { FIGURE_NAMES, judge, parseGates, type GateFigures } from '../../../tools/burst/gates.js';

const figures = (values: Partial<GateFigures['values']>, requests = 200): GateFigures => ({
  requests,
  values: Object.fromEntries(FIGURE_NAMES.map((name) => [name, values[name]])) as GateFigures['values'],
});

describe('conditions', () => {
  it('are read one after the other, with units', () => {
    expect(parseGates('p99<2000, lost=0,error < 1%,p50<=1.5s,throughput>=20')).toMatchObject([
      { figure: 'p99', operator: '<', limit: 2000, isShare: false },
      { figure: 'lost', operator: '=', limit: 0, isShare: false },
      { figure: 'error', operator: '<', limit: 0.01, isShare: true },
      { figure: 'p50', operator: '<=', limit: 1500, isShare: false },
      { figure: 'throughput', operator: '>=', limit: 20, isShare: false },
    ]);
  });

  it.each([
    ['p99', 'is no condition'],
    ['', 'is no condition'],
    ['p99<', 'is no condition'],
    ['p98<10', '"p98"'],
    ['p99<fast', '"fast"'],
    ['p99<5%', '"5%"'],
    ['lost=2s', '"2s"'],
    ['throughput>5%', '"5%"'],
    ['p99<10,', 'is no condition'],
    ['p99!10', 'is no condition'],
    ['p99<-3', '"-3"'],
  ])('refuse %j', (expression, words) => {
    expect(() => parseGates(expression)).toThrow(words);
  });

  it.each([
    ['p99<2000', { p99: 1999.9 }, true],
    ['p99<2000', { p99: 2000 }, false],
    ['p99<=2000', { p99: 2000 }, true],
    ['lost=0', { lost: 0 }, true],
    ['lost==0', { lost: 1 }, false],
    ['error<1%', { error: 1 }, true],
    ['error<1%', { error: 2 }, false],
    ['ok>=99%', { ok: 198 }, true],
    ['ok>=99%', { ok: 197 }, false],
    ['error<3', { error: 2 }, true],
    ['throughput>50', { throughput: 49 }, false],
  ])('%s of %j', (expression, values, held) => {
    expect(judge(parseGates(expression), figures(values))).toMatchObject([{ gate: expression, held }]);
  });

  it('do not hold where nothing was measured', () => {
    expect(judge(parseGates('p99<2000'), figures({}))).toEqual([
      { gate: 'p99<2000', held: false, value: null, shown: 'nothing was measured' },
    ]);
    const nothing = judge(parseGates('error<1%,lost=0,throughput<1'), figures({ error: 0, lost: 0 }, 0));
    expect(nothing.map(({ held }) => held)).toEqual([false, false, false]);
  });

  it('tell the value as it is compared', () => {
    const results = judge(parseGates('p99<2s,error<1%,lost=0'), figures({ p99: 123.4, error: 3, lost: 0 }));
    expect(results.map(({ shown }) => shown)).toEqual(['123.4 ms', '1.5%', '0']);
  });
});
