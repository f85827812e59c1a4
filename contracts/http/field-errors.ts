/** Reports to the sender what a schema found wrong: the first errors by name, the others as a number. */
import type { z } from 'zod';
import type { FieldError } from '../errors/errors.js';
import { shortened } from '../common/text.js';

/** An answer must not outgrow what it answers. */
export const MAX_NAMED_ERRORS = 20;
const MAX_PATH_LENGTH = 100;

export interface FieldErrors {
  readonly errors: readonly FieldError[];
  /** How many there are beyond those that are named; absent where there are none. */
  readonly moreErrors?: number;
}

export function fieldErrors({ issues }: z.ZodError): FieldErrors {
  const errors: FieldError[] = [];
  let count = 0;
  const add = (path: readonly PropertyKey[], message: string) => {
    count += 1;
    if (errors.length < MAX_NAMED_ERRORS) errors.push(fieldError(path.map(String).join('.'), message));
  };
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) add([...issue.path, key], 'unknown field');
    } else add(issue.path, issue.message);
  }
  return counted(errors, count);
}

/** @param count of all errors, those that are named included */
export function counted(errors: readonly FieldError[], count: number): FieldErrors {
  return count > errors.length ? { errors, moreErrors: count - errors.length } : { errors };
}

export function fieldError(path: string, message: string): FieldError {
  return { path: shortened(path, MAX_PATH_LENGTH), message: shortened(message) };
}

/** The first of them in one line, and how many more there are. */
export function describeErrors({ errors, moreErrors = 0 }: FieldErrors): string {
  const [first] = errors;
  if (first === undefined) return 'invalid request';
  const others = errors.length - 1 + moreErrors;
  const rest = others === 0 ? '' : ` (and ${others} more)`;
  return `${first.path || 'body'}: ${first.message}${rest}`;
}
