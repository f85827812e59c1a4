import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import type { Traces } from '../tracing/traces.js';
import type { BatchTimeouts, RewritePorts } from '../ledger/rewrite-batch.js';
import type { InvokeOptions, InvokePorts } from './invoke-tasks.js';
import type { LeasePorts } from './lease.js';
import type { DeleteBatcher } from './delete-batcher.js';
import type { Turns } from './turns.js';
import type { StoreGate } from './store-gate.js';
import type { UnreadableMessages } from './unreadable-messages.js';

export type Redelivery = 'backoff' | 'timeout';

export interface DispatchOptions extends InvokeOptions, BatchTimeouts {
  readonly coordinatorId: string;
  readonly redelivery: Redelivery;
}

/** All that a delivery needs of its surroundings. */
export interface DispatchContext extends RewritePorts, InvokePorts, LeasePorts {
  readonly options: DispatchOptions;
  readonly durations: BatchTimeouts;
  readonly gate: StoreGate;
  /** Turns of suspects, so that they take one worker at a time. */
  readonly suspects: Turns;
  readonly deletes: DeleteBatcher;
  readonly unreadable: UnreadableMessages;
  readonly stats: StatsRecorder;
  readonly measures: Measures;
  readonly traces?: Traces | undefined;
  /** Fires when nothing shall be waited for any longer. */
  readonly stopping: AbortSignal;
  readonly newWriteId: () => string;
}
