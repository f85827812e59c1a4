/** `500ms`, `10s`, `1.5m`: durations as people write them, and back. */
import { UsageError } from '../kit/system/system.js';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** @throws UsageError */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const unitMs = Object.entries(UNIT_MS).find(([name]) => name === unit)?.[1];
  const ms = unitMs === undefined ? 0 : Math.round(Number(digits) * unitMs);
  if (ms < 1) throw new UsageError(`"${text}" is no duration; expected one such as 500ms, 10s or 2m`);
  return ms;
}

export function printDuration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Number((ms / 60_000).toFixed(1))} min`;
}
