/** A power cut may cost this much. */
import { oneOf } from './settings.js';

export const DURABILITIES = ['everysec', 'sync'] as const;
/**
 * `everysec`: what was written is brought to the disk at least once a second, so a power cut costs a second at most.
 * `sync`: nothing is answered before it is on the disk; writes that come together share one sync.
 */
export type Durability = (typeof DURABILITIES)[number];

export const durability = () => oneOf(...DURABILITIES).default('everysec');
