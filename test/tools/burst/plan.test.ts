import { describe, expect, it } from 'vitest';
import { planLoad, type PacedPlan, type UnpacedPlan } from '../../../tools/burst/plan.js';
import { readFlags } from '../../../tools/burst/settings.js';
import { readTexts, type TextPorts } from '../../../tools/burst/texts.js';

const DEFAULTS = {
  url: 'http://127.0.0.1:8080',
  iOwnThis: false,
  arrivals: 'poisson',
  seed: 1,
  inFlight: 1000,
  texts: 1,
  check: false,
  timeout: '40s',
  follow: '60s',
  keys: false,
  async: false,
};
const POOL = [{ text: 'Good.', expected: 'POSITIVE' }, { text: 'Bad.' }];
const settings = (flags: object) => readFlags({ ...DEFAULTS, ...flags });
const paced = (flags: object) => planLoad(settings(flags), POOL) as PacedPlan;

describe('the plan of a load', () => {
  it('is a few seconds of open loop without any flag', () => {
    const plan = paced({});
    expect(plan).toMatchObject({ kind: 'paced', clients: undefined, durationMs: 5000 });
    expect(plan.requests.length).toBeGreaterThan(60);
    expect(plan.requests.length).toBeLessThan(140);
  });

  it('is the same for the same seed, texts included', () => {
    expect(paced({ seed: 7 })).toEqual(paced({ seed: 7 }));
    expect(paced({ seed: 7 })).not.toEqual(paced({ seed: 8 }));
  });

  it.each(['constant', 'poisson', 'bursts'])('goes on until the count is reached: %s', (arrivals) => {
    const plan = paced({ arrivals, count: 300, rate: 10 });
    expect(plan.requests).toHaveLength(300);
    expect(plan.durationMs).toBeGreaterThan(5000);
  });

  it('ends with whichever comes first, count or duration', () => {
    expect(paced({ count: 10, duration: '5s' }).requests).toHaveLength(10);
    expect(paced({ arrivals: 'constant', rate: 10, count: 1000, duration: '2s' }).requests).toHaveLength(20);
  });

  it('lasts as long as its requests would', () => {
    expect(paced({ arrivals: 'constant', rate: 10, count: 10 }).durationMs).toBeCloseTo(1000);
  });

  it('knows its bursts', () => {
    const plan = paced({
      arrivals: 'bursts',
      rate: 0,
      peak: 100,
      every: '1s',
      peakFor: '200ms',
      duration: '3s',
    });
    expect(plan.peaks).toEqual([
      { fromMs: 1000, toMs: 1200 },
      { fromMs: 2000, toMs: 2200 },
    ]);
    const isInBurst = ({ atMs = 0 }) => plan.peaks.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    expect(plan.requests.length).toBeGreaterThan(20);
    expect(plan.requests.every(isInBurst)).toBe(true);
    expect(paced({ arrivals: 'spike', at: '1s', peakFor: '1s' }).peaks).toEqual([
      { fromMs: 1000, toMs: 2000 },
    ]);
  });

  it('puts so many texts into each request', () => {
    expect(paced({ texts: 3 }).requests.every(({ texts }) => texts.length === 3)).toBe(true);
  });

  it('has no times in a closed loop without a rate, and has them with one', () => {
    const plan = planLoad(settings({ closed: 4 }), POOL) as UnpacedPlan;
    expect(plan).toMatchObject({ kind: 'unpaced', clients: 4, durationMs: 5000, count: undefined });
    expect([plan.next().index, plan.next().index]).toEqual([0, 1]);
    expect(planLoad(settings({ closed: 4, count: 9 }), POOL)).toMatchObject({
      durationMs: Infinity,
      count: 9,
    });
    expect(paced({ closed: 4, rate: 50 })).toMatchObject({ kind: 'paced', clients: 4 });
  });

  it.each([
    [{ rate: 5000, duration: '10m' }, 'at most 200000'],
    [{ arrivals: 'spike', rate: 100, peak: 5000, peakFor: '5m', duration: '10m' }, 'at most 200000'],
    [{ rate: 0 }, 'no request at all'],
    [{ rate: 0, count: 3 }, 'no request at all'],
    [{ peak: 100 }, '--peak is for --arrivals bursts and spike, not for poisson'],
    [{ arrivals: 'ramp', peakFor: '1s' }, '--peak-for'],
    [{ arrivals: 'bursts', to: 10 }, '--to is for --arrivals ramp'],
    [{ closed: 3, arrivals: 'bursts' }, '--closed without --rate'],
  ])('refuses %j', (flags, words) => {
    expect(() => planLoad(settings(flags), POOL)).toThrow(words);
  });
});

describe('flags', () => {
  it.each([
    [{ url: 'http://example.org' }, '--i-own-this'],
    [{ url: 'http://10.0.0.1:8080' }, '--i-own-this'],
    [{ url: 'http://127.0.0.1.example.org' }, '--i-own-this'],
    [{ url: 'localhost:8080' }, '--url'],
    [{ url: '127.0.0.1:8080' }, 'http:// or https://'],
    [{ url: 'nonsense' }, 'http:// or https://'],
    [{ url: 'http://me:secret@127.0.0.1' }, 'without a password'],
    [{ rate: Number.NaN }, '--rate'],
    [{ rate: -1 }, '--rate'],
    [{ rate: [1, 2] }, '--rate'],
    [{ duration: '5' }, '--duration: expected a duration'],
    [{ duration: '2h' }, 'at most 1h'],
    [{ count: 1.5 }, '--count'],
    [{ texts: 257 }, '--texts'],
    [{ inFlight: 0 }, '--in-flight'],
    [{ arrivals: 'often' }, 'expected one of constant'],
    [{ text: 'a', file: 'b' }, 'either --text or --file'],
    [{ timeout: '0s' }, '--timeout'],
    [{ csv: '' }, '--csv'],
  ])('%j cannot be used', (flags, words) => {
    expect(() => settings(flags)).toThrow(words);
  });

  it.each(['http://localhost:1', 'http://[::1]:8080', 'https://127.0.0.2'])('lets %s be loaded', (url) => {
    expect(settings({ url }).url).toBe(url);
  });

  it('lets another machine be loaded by whoever owns it', () => {
    expect(settings({ url: 'http://example.org', iOwnThis: true }).url).toBe('http://example.org');
  });
});

describe('texts', () => {
  const ports = (files: Readonly<Record<string, string>> = {}): TextPorts => ({
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
    examples: () => [{ text: 'Good.', label: 'POSITIVE' }],
  });
  const read = (flags: object, files = {}) => readTexts(settings(flags), ports(files));

  it('are the examples, those of the command line, or lines of a file', () => {
    expect(read({}).texts).toEqual([{ text: 'Good.', expected: 'POSITIVE' }]);
    expect(read({ text: ['one', 'two'] }).texts).toEqual([{ text: 'one' }, { text: 'two' }]);
    const files = { 'a.txt': 'first\r\n\nNEGATIVE\tsecond\nNEUTRAL\tthird\n' };
    expect(read({ file: 'a.txt' }, files).texts).toEqual([
      { text: 'first' },
      { text: 'second', expected: 'NEGATIVE' },
      { text: 'NEUTRAL\tthird' },
    ]);
  });

  it.each([
    [{ file: 'none.txt' }, {}, 'none.txt cannot be read: no such file'],
    [{ file: 'a.txt' }, { 'a.txt': '\n \n' }, 'a.txt holds no text'],
    [{ file: 'a.txt' }, { 'a.txt': `fine\n${'x'.repeat(10_001)}` }, 'line 2 of a.txt'],
    [{ text: ' ' }, {}, '--text: expected a text'],
    [{ text: 'a', check: true }, {}, '--check'],
  ])('%j of %j: refused', (flags, files, words) => {
    expect(() => read(flags, files)).toThrow(words);
  });
});
