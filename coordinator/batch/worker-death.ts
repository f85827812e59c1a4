/**
 * Failures after which the worker's function was gone: the process died, or the worker had to end it. Whatever text did
 * that will do it again, so its batch is not brought back at once, and its texts travel alone from then on.
 */
import {
  FUNCTION_EXITED,
  FUNCTION_OUT_OF_MEMORY,
  FUNCTION_TIMED_OUT,
} from '../../contracts/worker/invoke.js';

const CODES: ReadonlySet<string> = new Set([
  'connection_lost',
  FUNCTION_TIMED_OUT,
  FUNCTION_OUT_OF_MEMORY,
  FUNCTION_EXITED,
]);

/** @param code of the failure of an invoke, or of a task */
export function isWorkerDeath(code: string): boolean {
  return CODES.has(code);
}
