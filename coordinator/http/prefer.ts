const DEFAULT_WAIT_MS = 30_000;
const MAX_WAIT_MS = 600_000;
/** Thousands of open quotes would make the pattern slow. */
const MAX_READ = 1000;

const TOKEN = "[!#$%&'*+.^_`|~0-9a-z-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
/** Up to the next comma outside quotes. An unclosed quote is an ordinary character. */
const PREFERENCE = new RegExp(`(?:${QUOTED}|[^,])+`, 'g');
const NAME_AND_VALUE = new RegExp(`^\\s*(${TOKEN})(?:\\s*=\\s*(?:(${TOKEN})|(${QUOTED})))?\\s*(?:;|$)`);

/**
 * How long a client wants to wait, from its `Prefer` header (RFC 7240). `wait=SECONDS` names the time; `respond-async`
 * alone means 0. Unknown preferences and parameters are ignored, as the RFC requires.
 */
export function waitMsOf(prefer: string | undefined): number {
  const preferences = (prefer?.slice(0, MAX_READ).toLowerCase().match(PREFERENCE) ?? []).map(nameAndValue);
  for (const [name, value] of preferences) {
    if (name === 'wait' && /^\d{1,6}$/.test(value)) return Math.min(Number(value) * 1000, MAX_WAIT_MS);
  }
  return preferences.some(([name]) => name === 'respond-async') ? 0 : DEFAULT_WAIT_MS;
}

function nameAndValue(preference: string): readonly [name: string, value: string] {
  const [, name = '', token, quoted = ''] = NAME_AND_VALUE.exec(preference) ?? [];
  return [name, token ?? quoted.slice(1, -1)];
}
