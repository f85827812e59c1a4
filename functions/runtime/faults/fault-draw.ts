import { createHash } from 'node:crypto';
import type { InvokeRequest } from '../../../contracts/worker/invoke.js';
import type { Random } from '../../../contracts/system/random.js';

export type DrawnInvoke = Pick<InvokeRequest, 'batchNumber' | 'delivery'>;

/** A number in [0, 1) that decides one question, such as a kind of fault, for one invoke. */
export type FaultDraw = (what: string, invoke: DrawnInvoke, taskIndex: string) => number;

export function randomDraw(random: Pick<Random, 'next'>): FaultDraw {
  return () => random.next();
}

/**
 * The same seed draws the same number for the same invoke in any order of invokes: a hash of the names of the draw, not a
 * stream that invokes share.
 */
export function seededDraw(seed: string, workerId: string): FaultDraw {
  return (what, { batchNumber, delivery }, taskIndex) => {
    const name = JSON.stringify([seed, batchNumber, delivery, workerId, what, taskIndex]);
    return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
  };
}

/** The index of a task is the number after the last dash of its id. */
export function taskIndexOf(taskId: string): string {
  return taskId.slice(taskId.lastIndexOf('-') + 1);
}
