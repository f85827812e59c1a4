/** Limits of time are written for processes on the embedded stack; other systems may take longer, not worse. */
import type { ChaosSystem } from '../system.js';
import type { Experiment } from './schema.js';

/** The experiment with all its limits of time stretched; load and timeline stay as they are. */
export function withPatience(
  experiment: Experiment,
  { patience }: Pick<ChaosSystem, 'patience'>,
): Experiment {
  const { steady, drain, checks } = experiment;
  const stretched = (limitMs: number | undefined) => (limitMs === undefined ? undefined : limitMs * patience);
  return {
    ...experiment,
    steady: { ...steady, within: steady.within * patience },
    drain: drain * patience,
    checks: {
      ...checks,
      recovery: stretched(checks.recovery),
      underWay: stretched(checks.underWay),
    },
  };
}
