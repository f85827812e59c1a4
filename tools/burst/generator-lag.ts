/** Whether this very program was too slow: then its figures are those of the generator, not of the system. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { percentile } from '../kit/numbers/percentile.js';
import { roundToTenth } from './latencies.js';
import type { RequestRecord } from './record.js';

export interface GeneratorLag {
  /** The delay of the event loop beyond the requested wait. */
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
  /** From the planned time to the sending; of an open loop only, since busy clients of a closed one are late too. */
  readonly lateP99Ms: number | null;
  readonly lateMaxMs: number | null;
  readonly lagged: boolean;
}

/** More is as much as a quick answer takes. */
export const MAX_LAG_MS = 50;
const RESOLUTION_MS = 10;

export function startLagMeter(): { stop(): Pick<GeneratorLag, 'eventLoopP99Ms' | 'eventLoopMaxMs'> } {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return {
    stop() {
      delays.disable();
      const beyond = (nanoseconds: number): number =>
        roundToTenth(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)) || 0;
      return { eventLoopP99Ms: beyond(delays.percentile(99)), eventLoopMaxMs: beyond(delays.max) };
    },
  };
}

export function lagOf(
  eventLoop: Pick<GeneratorLag, 'eventLoopP99Ms' | 'eventLoopMaxMs'>,
  openLoop: readonly RequestRecord[],
): GeneratorLag {
  const late = openLoop.flatMap(({ plannedAtMs, sentAtMs }) =>
    sentAtMs === undefined ? [] : [Math.max(0, sentAtMs - plannedAtMs)],
  );
  const of = (fraction: number): number | null => {
    const ms = percentile(late, fraction);
    return ms === undefined ? null : roundToTenth(ms);
  };
  const lateP99Ms = of(0.99);
  const lagged = Math.max(lateP99Ms ?? 0, eventLoop.eventLoopP99Ms) > MAX_LAG_MS;
  return { ...eventLoop, lateP99Ms, lateMaxMs: of(1), lagged };
}
