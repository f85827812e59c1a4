/** The settings that the flags make. An error names the flag, its value and what was expected. */
import { z } from 'zod';
import { MAX_TEXTS } from '../../contracts/http/api.js';
import { parseDuration } from '../kit/numbers/duration.js';
import { parseGates, type Gate } from './gates.js';

/** The load cannot run as requested; the message is for the user. */
export class BurstError extends Error {
  override readonly name = 'BurstError';
}

export const ARRIVALS = ['constant', 'poisson', 'bursts', 'ramp', 'spike'] as const;

export const MAX_PER_SECOND = 5000;
export const MAX_REQUESTS = 200_000;
const MAX_IN_FLIGHT = 5000;
const MAX_DURATION_MS = 3_600_000;

const durationFlag = z.string('expected a duration such as 500ms, 10s or 2m').transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= MAX_DURATION_MS) return ms;
  const expected = 'expected a duration such as 500ms, 10s or 2m, at most 1h';
  context.addIssue({ code: 'custom', message: `${expected}, not "${text}"` });
  return z.NEVER;
});
const positiveDurationFlag = durationFlag.refine((ms) => ms > 0, 'expected more than nothing');

const number = (low: number, high: number) => {
  const expected = `expected a number from ${low} to ${high}`;
  return z.number(expected).min(low, expected).max(high, expected);
};
const whole = (low: number, high: number) => {
  const expected = `expected a whole number from ${low} to ${high}`;
  return z.int(expected).min(low, expected).max(high, expected);
};

const once = 'expected once';
const urlFlag = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' });
const file = z.string(once).min(1, 'expected the name of a file').optional();
/** A flag that may come more than once. */
const repeatableFlag = z.union([z.string().transform((word) => [word]), z.array(z.string())]).optional();

const flagsSchema = z.object({
  url: urlFlag.check(({ value, issues }) => {
    if (!URL.canParse(value)) return; // was told of already
    const { username, password, pathname, search, hash } = new URL(value);
    const refuse = (what: string): void =>
      void issues.push({ code: 'custom', input: value, message: `expected an address without a ${what}` });
    if (username + password !== '') refuse('password');
    if (pathname !== '/' || search + hash !== '') refuse('path');
  }),
  iOwnThis: z.boolean(),
  rate: number(0, MAX_PER_SECOND).optional(),
  duration: positiveDurationFlag.optional(),
  count: whole(1, MAX_REQUESTS).optional(),
  arrivals: z.enum(ARRIVALS, `expected one of ${ARRIVALS.join(', ')}`),
  peak: number(0, MAX_PER_SECOND).optional(),
  peakFor: positiveDurationFlag.optional(),
  every: positiveDurationFlag.optional(),
  at: durationFlag.optional(),
  to: number(0, MAX_PER_SECOND).optional(),
  seed: whole(0, 2 ** 31 - 1),
  closed: whole(1, 1000).optional(),
  inFlight: whole(1, MAX_IN_FLIGHT),
  texts: whole(1, MAX_TEXTS),
  text: repeatableFlag,
  file,
  check: z.boolean(),
  deadline: positiveDurationFlag.optional(),
  timeout: positiveDurationFlag,
  follow: durationFlag,
  keys: z.boolean(),
  async: z.boolean(),
  apiKey: z
    .string(once)
    .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII (as in API_KEY)')
    .optional(),
  each: z.boolean().optional(),
  json: z.string(once).optional(),
  csv: file,
  ndjson: file,
  svg: file,
  failIf: repeatableFlag.transform((words): readonly Gate[] => (words ?? []).flatMap(parseGates)),
});

export type BurstSettings = Readonly<z.infer<typeof flagsSchema>>;

/** @throws BurstError */
export function readFlags(flags: object): BurstSettings {
  const { data, error } = flagsSchema.safeParse(flags);
  if (data === undefined) throw new BurstError(error.issues.map(describeIssue).join('\n'));
  if (data.text !== undefined && data.file !== undefined) throw new BurstError('either --text or --file');
  requireOwnMachine(data);
  return data;
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const name = String(path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${name}: ${message}`;
}

function requireOwnMachine({ url, iOwnThis }: BurstSettings): void {
  const { hostname } = new URL(url);
  const isHere = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (!isHere && !iOwnThis) {
    throw new BurstError(
      `${hostname} is another machine; load only what is yours to load, and say so with --i-own-this`,
    );
  }
}
