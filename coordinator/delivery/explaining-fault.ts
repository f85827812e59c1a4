/**
 * Which of the faults that a worker announced explains what became of an invoke. A delay ends no connection: where a
 * worker dies of another invoke's fault, or is killed, that is the reason, and no fault of this invoke.
 */
import type { FaultKind } from '../../contracts/worker/faults.js';

/** The errors that each kind can end in. `partial` fails tasks, each for itself, and no invoke. */
const ENDS_IN: Readonly<Record<FaultKind, readonly string[]>> = {
  error: ['http_500'],
  crash: ['connection_lost'],
  poison: ['connection_lost'],
  drop: ['connection_lost'],
  garbage: ['broken_answer'],
  hang: ['invoke_timeout'],
  late: ['invoke_timeout'],
  delay: ['invoke_timeout'],
  loop: ['invoke_timeout', 'connection_lost'],
  oom: ['invoke_timeout', 'connection_lost'],
  partial: [],
};

/** @param error code of what the invoke failed with; absent where the worker answered */
export function explainingFault(announced: readonly string[], error?: string): string | undefined {
  return error === undefined ? announced[0] : announced.find((fault) => endsIn(fault, error));
}

/** A fault of an unknown kind is believed. */
function endsIn(fault: string, error: string): boolean {
  const known = Object.entries(ENDS_IN).find(([kind]) => kind === fault);
  return known === undefined || known[1].includes(error);
}
