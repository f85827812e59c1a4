/** Numbers as a person reads them at a glance. */

/** `0.4 ms`, `12 ms`, `1.5 s`, `2 min`: at most six columns. */
export function duration(ms: number | undefined, none = '–'): string {
  if (ms === undefined) return none;
  if (ms < 0.05) return '0 ms';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 99_500) return `${(ms / 1000).toFixed(0)} s`;
  if (ms < 5_970_000) return `${(ms / 60_000).toFixed(0)} min`;
  return `${(ms / 3_600_000).toFixed(0)} h`;
}

/** `950`, `12.3k`, `4.6M`: at most five columns. */
export function count(value: number): string {
  if (value < 10_000) return String(Math.round(value));
  if (value < 99_950) return `${(value / 1000).toFixed(1)}k`;
  if (value < 999_500) return `${(value / 1000).toFixed(0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

export function perSecond(value: number): string {
  return value < 99.95 ? value.toFixed(1) : count(value);
}

/** The time of day in the user's time zone. */
export function clockTime(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** `4 s`, `2 min`: without fractions, for what changes all the time. */
export function describeAge(ms: number): string {
  if (ms < 99_500) return `${Math.round(ms / 1000)} s`;
  return ms < 5_970_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
