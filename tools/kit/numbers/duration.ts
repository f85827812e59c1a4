/** `200ms`, `5s`, `1.5m`: a duration as people write it, in milliseconds. */
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const EXPECTED = 'expected a duration such as 200ms, 5s or 2m';
const MAX_DURATION_MS = 24 * 3_600_000;

export function parseDuration(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim()) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  return ms <= MAX_DURATION_MS ? ms : undefined;
}

export const durationSchema = () =>
  z.string(EXPECTED).transform((text, context): number => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `${EXPECTED}, not "${text}"` });
    return z.NEVER;
  });

export const positiveDuration = () => durationSchema().refine((ms) => ms > 0, 'expected more than nothing');

/** `20 ms`, `5.0 s`, `1.5 min` */
export function printDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** `20 ms`, `5 s`, `1.5 min` */
export function printBriefDuration(ms: number): string {
  return printDuration(ms).replace('.0 ', ' ');
}
