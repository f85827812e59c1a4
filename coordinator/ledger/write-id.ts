import type { Random } from '../../contracts/system/random.js';

/** Six random bytes: told apart among the last few writes of one batch, no more is asked of it. */
export function newWriteId(random: Random): string {
  return Buffer.from(random.bytes(6)).toString('base64url');
}
