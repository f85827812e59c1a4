/** A seed that can be replayed is worth a bug report; one that cannot is worth nothing. */
import { describe, expect, it } from 'vitest';
import { simulateSeed } from '../../simulation/simulate-seed.js';

async function traceOf(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await simulateSeed(seed, { tasks: 300, trace: (line) => lines.push(line) });
  return lines;
}

describe('a seed', () => {
  it.each([1, 2, 3, 4, 5, 6])('%i gives the same trace each time, byte for byte', async (seed) => {
    const first = await traceOf(seed);
    const second = await traceOf(seed);
    expect(first.length).toBeGreaterThan(500);
    expect(second.join('\n')).toBe(first.join('\n'));
  });

  it('gives the same trace while others run beside it', async () => {
    const [alone] = [await traceOf(7)];
    const [first, second] = await Promise.all([traceOf(7), traceOf(8)]);
    expect(first).toEqual(alone);
    expect(second).not.toEqual(alone);
  });

  it('gives the same result with and without a trace', async () => {
    const silent = await simulateSeed(9, { tasks: 300 });
    const traced = await simulateSeed(9, { tasks: 300, trace: () => undefined });
    expect(traced).toEqual(silent);
  });
});
