import { describe, expect, it } from 'vitest';
import { backoffSeconds } from '../../../coordinator/delivery/backoff.js';
import { scriptedRandom } from '../../support/scripted-random.js';

const ALMOST_ONE = 1 - Number.EPSILON;

describe('backoffSeconds', () => {
  it('is nothing after the first failed delivery', () => {
    expect(backoffSeconds(1, scriptedRandom(ALMOST_ONE))).toBe(0);
  });

  it.each([
    [2, 1],
    [3, 2],
    [4, 4],
    [5, 8],
    [6, 16],
    [7, 20],
    [8, 20],
    [100, 20],
    [5000, 20],
  ])('after the %i-th is from 1 to %i whole seconds', (deliveryNumber, ceiling) => {
    expect(backoffSeconds(deliveryNumber, scriptedRandom(0))).toBe(1);
    expect(backoffSeconds(deliveryNumber, scriptedRandom(ALMOST_ONE))).toBe(ceiling);
  });

  it('is spread over the whole range, in whole seconds', () => {
    const random = scriptedRandom(...Array.from({ length: 80 }, (_, index) => index / 80));
    const seconds = Array.from({ length: 80 }, () => backoffSeconds(5, random));
    expect(new Set(seconds)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });
});
