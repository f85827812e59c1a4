const DEFAULT_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 600_000;

/**
 * How long a client wants to wait, from its `Prefer` header (RFC 7240): `wait=SECONDS` says so; `respond-async`
 * alone means not at all; what cannot be understood is ignored, as the RFC asks.
 */
export function waitMsOf(prefer: string | undefined): number {
  const preferences = (prefer ?? '').split(',').map((preference) => preference.trim().toLowerCase());
  for (const preference of preferences) {
    const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds) * 1000, LONGEST_WAIT_MS);
  }
  return preferences.includes('respond-async') ? 0 : DEFAULT_WAIT_MS;
}
