/**
 * Which of the faults that a worker announced explains what became of an invoke. A delay ends no connection: where a
 * worker dies of another invoke's fault, or is killed, that is the reason, and no fault of this invoke.
 */
import { FAULT_KINDS } from '../../contracts/worker/fault-kinds.js';

/** @param error code of what the invoke failed with; absent where the worker answered */
export function explainingFault(announced: readonly string[], error?: string): string | undefined {
  return error === undefined ? announced[0] : announced.find((fault) => endsIn(fault, error));
}

/** A fault of an unknown kind is believed. */
function endsIn(fault: string, error: string): boolean {
  const known = Object.entries(FAULT_KINDS).find(([kind]) => kind === fault);
  return known === undefined || known[1].endsIn.some((code) => code === error);
}
