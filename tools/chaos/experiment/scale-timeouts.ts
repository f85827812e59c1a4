/** Limits of time are written for processes on the embedded stack; other systems may take longer, not worse. */
import type { ChaosSystem } from '../../kit/system/system.js';
import type { Experiment, LoadSettings } from '../definition/schema.js';

/**
 * The experiment with all its limits of time stretched, and with the same load over as much more time, since only under
 * load it shows when throughput is back. The timeline stays as it is.
 */
export function scaleTimeouts(
  experiment: Experiment,
  { timeoutFactor }: Pick<ChaosSystem, 'timeoutFactor'>,
): Experiment {
  const { load, steady, drain, checks } = experiment;
  const stretched = (limitMs: number | undefined) =>
    limitMs === undefined ? undefined : limitMs * timeoutFactor;
  return {
    ...experiment,
    load: {
      ...load,
      rate: load.rate / timeoutFactor,
      for: load.for * timeoutFactor,
      arrivals: scaleArrivals(load, timeoutFactor),
    },
    steady: { ...steady, within: steady.within * timeoutFactor },
    drain: drain * timeoutFactor,
    checks: { ...checks, recovery: stretched(checks.recovery), underWay: stretched(checks.underWay) },
  };
}

function scaleArrivals({ arrivals }: LoadSettings, factor: number): LoadSettings['arrivals'] {
  if (typeof arrivals === 'string') return arrivals;
  if ('bursts' in arrivals) return { bursts: { ...arrivals.bursts, rate: arrivals.bursts.rate / factor } };
  if ('ramp' in arrivals) return { ramp: { to: arrivals.ramp.to / factor } };
  return { spike: { ...arrivals.spike, rate: arrivals.spike.rate / factor } };
}
