/** Reads `Retry-After` (RFC 9110): seconds, as the coordinator sends it, or a date, as a proxy may. */
const MAX_MS = 86_400_000;
const DATE_FORM = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/;

/** The delay from now on; undefined where the header cannot be read. */
export function retryAfterMs(header: unknown, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,5}$/.test(header)) return Number(header) * 1000;
  const dateMs = DATE_FORM.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(dateMs) ? undefined : Math.min(MAX_MS, Math.max(0, dateMs - nowMs));
}
