import { createHash } from 'node:crypto';
import type { InvokeRequest } from '../../../contracts/worker/invoke.js';
import type { Random } from '../../../contracts/system/random.js';

export type DrawnInvoke = Pick<InvokeRequest, 'batchNumber' | 'delivery'>;

/** A number in [0, 1) that decides about one thing (such as a kind of fault) in one invoke. */
export type FaultDraw = (what: string, invoke: DrawnInvoke, slot: string) => number;

export function randomDraw(random: Pick<Random, 'next'>): FaultDraw {
  return () => random.next();
}

/**
 * The same seed draws the same for the same invoke, in whatever order invokes come: a hash of all that names the
 * draw, never a stream that the invokes share.
 */
export function seededDraw(seed: string, workerId: string): FaultDraw {
  return (what, { batchNumber, delivery }, slot) => {
    const name = JSON.stringify([seed, batchNumber, delivery, workerId, what, slot]);
    return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
  };
}

/** The slot is the number after the last dash of a task's id. */
export function taskIndexOf(taskId: string): string {
  return taskId.slice(taskId.lastIndexOf('-') + 1);
}
