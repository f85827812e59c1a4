import { describe, expect, it } from 'vitest';
import { count, describeAge, duration, perSecond } from '../../../../tools/kit/numbers/figures.js';
import { ASCII, UNICODE } from '../../../../tools/monitor/view/glyphs.js';
import { bar, sparkline } from '../../../../tools/monitor/view/spark.js';

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [999, '999 ms'],
    [999.6, '1.0 s'],
    [12_400, '12 s'],
    [99_600, '2 min'],
    [7_200_000, '2 h'],
    [undefined, '–'],
  ])('%s is %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });

  it('never takes more than six columns, up to days', () => {
    for (let ms = 0.01; ms < 5e8; ms *= 1.07) expect(duration(ms).length).toBeLessThanOrEqual(6);
  });

  it('has ages without fractions', () => {
    expect([describeAge(400), describeAge(4200), describeAge(180_000)]).toEqual(['0 s', '4 s', '3 min']);
  });
});

describe('counts and rates', () => {
  it.each([
    [0, '0'],
    [9999, '9999'],
    [12_345, '12.3k'],
    [100_000, '100k'],
    [4_600_000, '4.6M'],
  ])('%i is %s', (value, expected) => {
    expect(count(value)).toBe(expected);
  });

  it('has a digit behind the point where that says something', () => {
    expect([perSecond(0.25), perSecond(99.9), perSecond(118.2)]).toEqual(['0.3', '99.9', '118']);
  });
});

describe('lines of small bars', () => {
  it('rise to the highest value that is shown, newest at the right', () => {
    expect(sparkline([0, 1, 4, 8], 6, UNICODE)).toBe('  ▁▂▄█');
    expect(sparkline([1000, 0, 2, 4], 3, UNICODE)).toBe('▁▄█');
  });

  it('tell what is not known from nothing at all', () => {
    expect(sparkline([undefined, 0, 5], 3, UNICODE)).toBe(' ▁█');
    expect(sparkline([0, 0], 2, UNICODE)).toBe('▁▁');
    expect(sparkline([], 4, UNICODE)).toBe('    ');
  });

  it('show that something was there, however little', () => {
    expect(sparkline([1, 1_000_000], 2, UNICODE)).toBe('▂█');
    expect(sparkline([1, 1_000_000], 2, ASCII)).toBe('.#');
  });

  it('are full where a worker holds all it may', () => {
    expect(bar(1, 2, 6, UNICODE)).toBe('■■■···');
    expect(bar(9, 2, 4, ASCII)).toBe('####');
    expect(bar(0, 0, 3, ASCII)).toBe('...');
  });
});
