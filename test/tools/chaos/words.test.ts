import { describe, expect, it } from 'vitest';
import { printBriefDuration } from '../../../tools/kit/numbers/duration.js';
import { parseAction, readAction } from '../../../tools/chaos/action/action.js';
import { printStatus } from '../../../tools/chaos/print-status.js';
import { ChaosError } from '../../../tools/kit/system/system.js';
import { resolveTargets } from '../../../tools/kit/system/targets.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';

describe('resolveTargets', () => {
  const workers = ['worker-1', 'worker-2', 'worker-3'].map((id) => ({ id, url: `http://${id}` }));
  const resolve = (word: string, value = 0) => resolveTargets({ workers }, word, { next: () => value });

  it('knows each process by its name', () => {
    for (const name of ['worker-2', 'coordinator', 'stack']) expect(resolve(name)).toEqual([name]);
  });

  it('takes all for all workers', () => {
    expect(resolve('all')).toEqual(['worker-1', 'worker-2', 'worker-3']);
  });

  it('takes any for one worker, each of them sooner or later', () => {
    expect(resolve('any', 0)).toEqual(['worker-1']);
    expect(resolve('any', 0.999_999)).toEqual(['worker-3']);
    const random = new SeededRandom(7);
    const drawn = Array.from({ length: 50 }, () => resolveTargets({ workers }, 'any', random));
    expect(new Set(drawn.flat()).size).toBe(3);
    expect(drawn.every(({ length }) => length === 1)).toBe(true);
  });

  it.each(['worker-4', 'worker', '', 'stack ', 'constructor'])('refuses %j, naming what there is', (word) => {
    expect(() => resolve(word)).toThrow(ChaosError);
    expect(() => resolve(word)).toThrow('worker-1, worker-2, worker-3, any, all, coordinator, stack');
  });
});

const FLAGS = { duration: '--for', count: '--count' };
const readDuration = (duration: string) => readAction({ verb: 'cut', arguments: ['stack'], duration }, FLAGS);
const readLatency = (ms: string) => readAction({ verb: 'latency', arguments: ['stack', ms] }, FLAGS);

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    [' 2 s ', 2000],
  ])('reads %j', (text, ms) => {
    expect(readDuration(text)).toEqual({ verb: 'cut', forMs: ms });
  });

  it.each(['10', 's', '-1s', '1d', '0s', '1e3s', ''])('refuses %j', (text) => {
    expect(() => readDuration(text)).toThrow('is no duration; expected one such as 500ms, 10s or 2m');
  });

  it('are printed as one reads them', () => {
    expect([20, 1500, 2000, 59_949, 90_000].map(printBriefDuration)).toEqual([
      '20 ms',
      '1.5 s',
      '2 s',
      '59.9 s',
      '1.5 min',
    ]);
  });
});

describe('latencies', () => {
  it.each([
    ['200±50', 200, 50],
    ['200+-50', 200, 50],
    ['30ms', 30, 0],
    ['0', 0, 0],
  ])('reads %j', (text, delayMs, jitterMs) => {
    expect(readLatency(text)).toEqual({ verb: 'latency', delayMs, jitterMs });
  });

  it.each(['slow', '-5', '1,error=1', ''])('refuses %j', (text) => {
    expect(() => readLatency(text)).toThrow('is no latency; expected milliseconds');
  });
});

describe('latencies that would be negative', () => {
  it('are refused, of the verb and of an experiment', () => {
    expect(() => readLatency('200±300')).toThrow('"200±300" is no latency: it would be negative');
    expect(() => parseAction('latency stack 200±300')).toThrow(
      '"200±300" is no latency: it would be negative',
    );
    expect(readLatency('200±200')).toMatchObject({ delayMs: 200, jitterMs: 200 });
  });
});

describe('printStatus', () => {
  it('shows a line for each process, with what is injected into it', () => {
    const text = printStatus({
      processes: [
        { name: 'stack', state: 'running', pid: 7, url: 'http://127.0.0.1:4566' },
        { name: 'worker-1', state: 'stopped' },
      ],
      injected: [
        { target: 'stack', what: 'latency 200±50 ms', leftMs: 1500 },
        { target: 'worker-1', what: 'error=0.5', countLeft: 3 },
      ],
    });
    expect(text.split('\n')).toEqual([
      'stack     running  pid 7  http://127.0.0.1:4566  latency 200±50 ms (1.5 s left)',
      'worker-1  stopped                                error=0.5 (the next 3)',
    ]);
  });
});
