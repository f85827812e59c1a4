/** The output of `experiments --json` and `run --json`. */
import type { FinishedExperiment } from './run-experiment-file.js';
import type { ShippedExperiment } from '../definition/shipped.js';

export function jsonOfShipped(shipped: readonly ShippedExperiment[]): object {
  return {
    experiments: shipped.map(
      ({ name, file, experiment: { description, load, system, timeline, checks } }) => ({
        name,
        description,
        /** The duration of the load, without starting, draining and checking. */
        seconds: load.for / 1000,
        load: {
          requestsPerSecond: load.rate,
          arrivals: load.arrivals,
          textsPerRequest: load.textsPerRequest,
          seed: load.seed,
        },
        workers: system.workers,
        settings: system.settings,
        timeline: timeline.map(({ at, do: { text }, every, times }) => ({
          atSeconds: at / 1000,
          do: text,
          ...(every !== undefined && { everySeconds: every / 1000, times }),
        })),
        checks,
        file,
      }),
    ),
  };
}

/** The journals hold all the rest. */
export function jsonOfRuns(runs: readonly FinishedExperiment[]): object {
  return {
    experiments: runs.map(({ journal: { name, verdict, findings }, report }) => ({
      name,
      ...verdict,
      ...(findings && { figures: findings.figures }),
      report,
    })),
  };
}
