import type { Random } from '../../contracts/system/random.js';

const MAX_SECONDS = 20;

/**
 * How long a failed batch stays away, in whole seconds (SQS knows no fractions): 0 after the first failed delivery,
 * then a random 1…min(2^(n−2), 20) after the n-th: exponential back-off with full jitter.
 */
export function backoffSeconds(deliveryNumber: number, random: Random): number {
  if (deliveryNumber <= 1) return 0;
  const ceiling = Math.min(2 ** Math.min(deliveryNumber - 2, 30), MAX_SECONDS);
  return 1 + Math.floor(random.next() * ceiling);
}
