/** Formats numbers and times for people. */
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const NOTHING = '–';

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : WHOLE.format(value);
}

/** One decimal below ten. */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return value > 0 && value < 10 ? value.toFixed(1) : WHOLE.format(value);
}

export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  if (value < 0.05) return '0 ms';
  if (value < 10) return `${value.toFixed(1)} ms`;
  if (value < 1000) return `${WHOLE.format(value)} ms`;
  if (value < 100_000) return `${(value / 1000).toFixed(1)} s`;
  return duration(value);
}

/** Formats a long duration in whole units. */
export function duration(valueMs: number): string {
  const seconds = Math.round(valueMs / 1000);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 360_000) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function clock(atMs: number): string {
  return CLOCK.format(atMs);
}

export function score(value: number | undefined): string {
  return value === undefined ? NOTHING : value.toFixed(4);
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
