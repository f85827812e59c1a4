/**
 * A stack of fault plans. The last one is active. The first one stays until it is replaced. Each of the others ends after a
 * time or a number of invokes, which makes the plan before it active again.
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

/** The layers whose limits are not reached. */
export function withoutExpired(layers: FaultLayers, monotonicMs: number): FaultLayers {
  const isActive = ({ countLeft = 1, untilMs = Infinity }: FaultLayer): boolean =>
    countLeft > 0 && monotonicMs < untilMs;
  return layers.every(isActive) ? layers : layers.filter(isActive);
}

/** Counts one invoke for the last layer. */
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
      /** Epoch milliseconds, which mean the same to the next process. */
      untilMs: z.number().optional(),
      /** Time left when it was written. This bounds the rest if the clock steps. */
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

/** @returns `undefined` if `printLayers` did not write the text */
export function readLayers(text: string, { wallMs, monotonicMs }: ClockReading): FaultLayers | undefined {
  try {
    const saved = savedSchema.parse(JSON.parse(text));
    return saved.map(({ faults, countLeft, untilMs, leftMs = Infinity }) => {
      const left = untilMs === undefined ? undefined : Math.min(leftMs, untilMs - wallMs);
      return { plan: faults, countLeft, untilMs: left === undefined ? undefined : monotonicMs + left };
    });
  } catch {
    return undefined; // a damaged or foreign file: the settings apply
  }
}
