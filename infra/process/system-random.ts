import { randomBytes } from 'node:crypto';
import type { Random } from '../../contracts/system/random.js';

export function createSystemRandom(): Random {
  return { next: () => Math.random(), bytes: (count) => randomBytes(count) };
}
