/**
 * An invariant must hold at every transition of a state. A violation is a bug in this program, never a fault of its surroundings:
 * it is checked in production as well, ends the work that met it, and is logged as the error `invariant.violated`.
 */
export class InvariantViolatedError extends Error {
  override readonly name = 'InvariantViolatedError';
}

/** @throws InvariantViolatedError unless `condition` holds */
export function invariant(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantViolatedError(typeof message === 'string' ? message : message());
}
