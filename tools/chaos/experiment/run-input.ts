/** The input of a run, and its ports. */
import type { HttpClient } from '../../../client/http.js';
import type { ChaosSystem } from '../../kit/system/system.js';
import type { ReadableStore } from './read-store.js';
import type { Answer } from '../evidence/evidence.js';
import type { PlannedRequest } from '../load/plan-load.js';
import type { Experiment } from '../definition/schema.js';
import type { WorkerSnapshot } from './steady-state.js';

export interface RunPorts {
  readonly system: ChaosSystem;
  readonly http: HttpClient;
  readonly store: ReadableStore;
  /** The answer of the bare model to each text. @throws CannotRunError where the workers run another model */
  readonly askBareModel: (
    texts: readonly string[],
    workers: readonly WorkerSnapshot[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, Answer>>;
}

export interface RunInput {
  readonly experiment: Experiment;
  readonly requests: readonly PlannedRequest[];
  /** Begins the id of every request, so that this run's tasks are known in the store. */
  readonly runId: string;
}
