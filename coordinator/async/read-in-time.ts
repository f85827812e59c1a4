/** A view waits only so long for what it reads from the stack: a frozen stack holds connections and answers nothing. */
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Clock } from '../../contracts/system/clock.js';
import { settledWithin } from './repeat.js';

const MAX_READ_MS = 3000;

/** @throws StackUnavailableError, also where it takes too long */
export async function readInTime<T>(clock: Clock, reading: Promise<T>): Promise<T> {
  if (await settledWithin(clock, reading, MAX_READ_MS)) return reading;
  throw new StackUnavailableError('reading the stack', new Error(`no answer within ${MAX_READ_MS / 1000} s`));
}
