import { printDuration } from './duration.js';
import type { FaultLimits } from '../kit/system/system.js';

/** ` for the next 3 invokes for 20 s`; nothing where there are none. */
export function describeLimits({ count, forMs }: FaultLimits): string {
  const number =
    count === undefined ? '' : count === 1 ? ' for the next invoke' : ` for the next ${count} invokes`;
  return number + (forMs === undefined ? '' : ` for ${printDuration(forMs)}`);
}
