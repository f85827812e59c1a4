/**
 * Settings from the environment. A value that cannot be used stops the start, naming the variable, the value and
 * what was expected; an empty variable counts as not set.
 */
import { z } from 'zod';
import { SettingsError } from '../errors/errors.js';
import { shortened } from '../common/text.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export function readSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.keys(shape)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = z.object(shape).safeParse(present);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => {
    const name = issue.path.map(String).join('.');
    const value = present[name];
    if (value === undefined) return `${name} is not set: ${issue.message}`;
    return `${name}${isSecret(name) ? '' : `=${shortened(value)}`} cannot be used: ${issue.message}`;
  });
  throw new SettingsError(complaints.join('\n'));
}

/** The log of a start that failed must give nothing away. */
function isSecret(name: string): boolean {
  return /(KEY|KEY_ID|TOKEN|SECRET|PASSWORD)$/.test(name);
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z
    .string(expected)
    .regex(/^\d+$/, expected)
    .transform(Number)
    .refine((value) => value >= min && value <= max, expected);
}

export const port = () => wholeNumber(0, 65535);

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, `expected one of: ${words.join(', ')}`);
}

/** An http(s) address. */
export const httpUrl = () =>
  z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' });

/** A region of AWS; a stack on this machine takes any. It becomes a part of host names. */
export const awsRegion = () =>
  z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected a region, such as eu-central-1')
    .default('us-east-1');

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const logLevel = () => oneOf(...LOG_LEVELS).default('info');
