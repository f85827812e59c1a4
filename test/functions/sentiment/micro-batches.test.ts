import { describe, expect, it } from 'vitest';
import { toMicroBatches } from '../../../functions/sentiment/micro-batches.js';

const ofLengths = (...lengths: number[]) =>
  lengths.map((length, index) => ({ index, tokenIds: Array.from({ length }, () => 1) }));
const lengthsOf = (batches: ReturnType<typeof toMicroBatches>) =>
  batches.map((batch) => batch.map(({ tokenIds }) => tokenIds.length));

describe('toMicroBatches', () => {
  it('has nothing to do for nothing', () => {
    expect(toMicroBatches([])).toEqual([]);
  });

  it('puts texts of one length together, up to the bound', () => {
    expect(lengthsOf(toMicroBatches(ofLengths(...Array<number>(8).fill(64))))).toEqual([
      [64, 64, 64, 64],
      [64, 64, 64, 64],
    ]);
  });

  it('runs a text alone that is longer than the bound', () => {
    expect(lengthsOf(toMicroBatches(ofLengths(512, 512, 200)))).toEqual([[200], [512], [512]]);
  });

  it('rather runs once more than pad short texts to the length of long ones', () => {
    expect(lengthsOf(toMicroBatches(ofLengths(5, 60, 6, 62)))).toEqual([
      [5, 6],
      [60, 62],
    ]);
  });

  it('rather pads a little than run once more', () => {
    expect(lengthsOf(toMicroBatches(ofLengths(10, 12, 11)))).toEqual([[10, 11, 12]]);
  });

  it('holds every text once, within the bound, whatever the lengths', () => {
    const lengths = Array.from({ length: 256 }, (_, index) => 2 + ((index * 7919) % 180));
    const batches = toMicroBatches(ofLengths(...lengths));
    const indexes = batches.flat().map(({ index }) => index);
    expect(indexes.toSorted((a, b) => a - b)).toEqual(lengths.map((_, index) => index));
    for (const batch of lengthsOf(batches)) {
      expect(batch.length === 1 || batch.length * Math.max(...batch) <= 256).toBe(true);
    }
  });
});
