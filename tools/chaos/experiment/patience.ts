/** Limits of time are written for processes on the embedded stack; other systems may take longer, not worse. */
import type { ChaosSystem } from '../system.js';
import type { Experiment } from './schema.js';

/**
 * The experiment with all its limits of time stretched, and with its load, since only under load it shows when throughput
 * is back. The timeline stays as it is.
 */
export function withPatience(
  experiment: Experiment,
  { patience }: Pick<ChaosSystem, 'patience'>,
): Experiment {
  const { load, steady, drain, checks } = experiment;
  const stretched = (limitMs: number | undefined) => (limitMs === undefined ? undefined : limitMs * patience);
  return {
    ...experiment,
    load: { ...load, for: load.for * patience },
    steady: { ...steady, within: steady.within * patience },
    drain: drain * patience,
    checks: { ...checks, recovery: stretched(checks.recovery), underWay: stretched(checks.underWay) },
  };
}
