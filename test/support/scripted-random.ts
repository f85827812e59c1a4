import type { Random } from '../../contracts/system/random.js';

/** Gives these numbers, one after the other and from the start again. */
export function scriptedRandom(...numbers: readonly number[]): Random {
  let turn = 0;
  return {
    next: () => numbers[turn++ % numbers.length] ?? 0,
    bytes: (count) => new Uint8Array(count),
  };
}
