/** What `Retry-After` says (RFC 9110): seconds, as the coordinator does, or a date, as what stands in between may. */
const MAX_MS = 86_400_000;
const DATE_FORM = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/;

/** From now on; nothing where it cannot be read. */
export function retryAfterMs(header: unknown, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,5}$/.test(header)) return Number(header) * 1000;
  const dateMs = DATE_FORM.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(dateMs) ? undefined : Math.min(MAX_MS, Math.max(0, dateMs - nowMs));
}
