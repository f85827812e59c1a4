/**
 * Fault plans one upon the other: the last one is in force. The first stands until it is replaced; each of the others
 * passes, after a time or a number of invokes, and gives way to the one before it.
 */
import { z } from 'zod';
import { faultsText, listFaults, type FaultPlan } from '../../../contracts/worker/faults.js';

export interface FaultLayer {
  readonly plan: FaultPlan;
  readonly countLeft?: number | undefined;
  /** By the monotonic clock of this process. */
  readonly untilMs?: number | undefined;
}

export type FaultLayers = readonly FaultLayer[];

export function isTemporary({ countLeft, untilMs }: FaultLayer): boolean {
  return countLeft !== undefined || untilMs !== undefined;
}

/** Without those that have passed. */
export function withoutExpired(layers: FaultLayers, monotonicMs: number): FaultLayers {
  const isThere = ({ countLeft = 1, untilMs = Infinity }: FaultLayer): boolean =>
    countLeft > 0 && monotonicMs < untilMs;
  return layers.every(isThere) ? layers : layers.filter(isThere);
}

/** The last layer with one invoke fewer to go. */
export function countDown(layers: FaultLayers): FaultLayers {
  const last = layers.at(-1);
  if (last?.countLeft === undefined) return layers;
  return [...layers.slice(0, -1), { ...last, countLeft: last.countLeft - 1 }];
}

const savedSchema = z
  .array(
    z.object({
      faults: faultsText,
      countLeft: z.int().nonnegative().optional(),
      /** Epoch milliseconds: it has to mean the same to the process that comes after this one. */
      untilMs: z.number().optional(),
      /** What was left when it was written: it cannot be more, whatever the clock did meanwhile. */
      leftMs: z.number().optional(),
    }),
  )
  .min(1);

/** Both clocks at one instant, milliseconds. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function printLayers(layers: FaultLayers, { wallMs, monotonicMs }: ClockReading): string {
  return JSON.stringify(
    layers.map(({ plan, countLeft, untilMs }) => {
      const leftMs = untilMs === undefined ? undefined : Math.max(0, untilMs - monotonicMs);
      const until = leftMs === undefined ? undefined : wallMs + leftMs;
      return { faults: listFaults(plan), countLeft, untilMs: until, leftMs };
    }),
  );
}

/** Nothing where the text was not written by `printLayers`. */
export function readLayers(text: string, { wallMs, monotonicMs }: ClockReading): FaultLayers | undefined {
  try {
    const saved = savedSchema.parse(JSON.parse(text));
    return saved.map(({ faults, countLeft, untilMs, leftMs = Infinity }) => {
      const left = untilMs === undefined ? undefined : Math.min(leftMs, untilMs - wallMs);
      return { plan: faults, countLeft, untilMs: left === undefined ? undefined : monotonicMs + left };
    });
  } catch {
    return undefined; // half a file, or none of ours: the settings hold
  }
}
