/** When an experiment does more harm than it is worth, or never ends: it is stopped, healed and judged as it stands. */
import { printDuration } from '../../kit/numbers/duration.js';
import type { StopSettings } from '../definition/schema.js';
import type { Tally } from '../evidence/tally.js';

/** Why to stop now, or nothing. Nothing planned is no reason: the system is not asked for anything. */
export function reasonToStop(settings: StopSettings, tally: Tally, nowMs: number): string | undefined {
  if (nowMs > settings.longerThan) return `it took longer than ${printDuration(settings.longerThan)}`;
  if (nowMs < settings.for) return undefined;
  const rate = tally.successRate(nowMs - settings.for, nowMs);
  if (rate === undefined || rate >= settings.successBelow) return undefined;
  return (
    `over ${printDuration(settings.for)} ${percent(rate)} of what was planned was answered well, ` +
    `less than ${percent(settings.successBelow)}`
  );
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
}
