/**
 * Fault plans one upon the other: the last one is in force. The first stands until it is replaced; each of the others
 * passes, after a time or a number of invokes, and gives way to the one before it.
 */
import { z } from 'zod';
import { faultsText, listFaults, type FaultPlan } from '../../contracts/faults.js';

export interface FaultLayer {
  readonly plan: FaultPlan;
  readonly countLeft?: number | undefined;
  /** Epoch milliseconds: it has to mean the same to the process that comes after this one. */
  readonly untilMs?: number | undefined;
}

export type FaultLayers = readonly FaultLayer[];

export function isPassing({ countLeft, untilMs }: FaultLayer): boolean {
  return countLeft !== undefined || untilMs !== undefined;
}

/** Without those that have passed. */
export function stillThere(layers: FaultLayers, nowMs: number): FaultLayers {
  const isThere = ({ countLeft = 1, untilMs = Infinity }: FaultLayer): boolean =>
    countLeft > 0 && nowMs < untilMs;
  return layers.every(isThere) ? layers : layers.filter(isThere);
}

/** The last layer with one invoke fewer to go. */
export function countedDown(layers: FaultLayers): FaultLayers {
  const last = layers.at(-1);
  if (last?.countLeft === undefined) return layers;
  return [...layers.slice(0, -1), { ...last, countLeft: last.countLeft - 1 }];
}

const savedSchema = z
  .array(
    z.object({
      faults: faultsText,
      countLeft: z.int().nonnegative().optional(),
      untilMs: z.number().optional(),
    }),
  )
  .min(1);

export function printLayers(layers: FaultLayers): string {
  return JSON.stringify(
    layers.map(({ plan, countLeft, untilMs }) => ({ faults: listFaults(plan), countLeft, untilMs })),
  );
}

/** Nothing where the text was not written by `printLayers`. */
export function readLayers(text: string): FaultLayers | undefined {
  try {
    const saved = savedSchema.parse(JSON.parse(text));
    return saved.map(({ faults, ...limits }) => ({ plan: faults, ...limits }));
  } catch {
    return undefined; // half a file, or none of ours: the settings hold
  }
}
