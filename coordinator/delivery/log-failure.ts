/** Logs that work failed: a violated invariant is an error in any case, whatever the work was. */
import { InvariantViolatedError } from '../../contracts/common/invariant.js';
import { messageOf } from '../../contracts/common/text.js';
import type { Logger } from '../../contracts/system/logger.js';

export function logFailure(
  logger: Logger,
  level: 'debug' | 'warn' | 'error',
  error: unknown,
  fields: object,
  event: string,
): void {
  const all = { ...fields, error: messageOf(error) };
  if (error instanceof InvariantViolatedError)
    logger.error({ ...all, stack: error.stack }, 'invariant.violated');
  else logger[level](all, event);
}
