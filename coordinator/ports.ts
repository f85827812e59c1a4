/** The ports that a coordinator needs, and its options. */
import type { BatchQueue } from '../contracts/stack/batch-queue.js';
import type { BatchStore } from '../contracts/stack/batch-store.js';
import type { StackResources } from '../contracts/stack/stack-calls.js';
import type { KeyStore, MarkerStore, StatsStore, WorkerStore } from '../contracts/stack/stores.js';
import type { Clock } from '../contracts/system/clock.js';
import type { Logger } from '../contracts/system/logger.js';
import type { Random } from '../contracts/system/random.js';
import type { Tracer } from '../contracts/system/tracing.js';
import type { FunctionClient } from '../contracts/worker/function-client.js';
import type { Redelivery } from './delivery/dispatch-context.js';
import type { BatcherOptions } from './intake/batcher.js';
import type { AddressProofs } from './workers/address-proofs.js';
import type { DispatchPolicy } from './workers/pick-worker.js';
import type { WorkerAddresses } from './workers/worker-addresses.js';

export interface CoordinatorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
  readonly keys: KeyStore;
  readonly marker: MarkerStore;
  readonly resources: StackResources;
  readonly workers: WorkerStore;
  readonly statistics: StatsStore;
  readonly functions: FunctionClient;
  /** Where workers may be; anywhere where none of them is real. */
  readonly workerAddresses?: Pick<WorkerAddresses, 'mayBeAt'> | undefined;
  readonly addressProofs?: AddressProofs | undefined;
  /** Where traces are wanted. */
  readonly tracer?: Tracer | undefined;
}

export interface CoordinatorOptions {
  readonly coordinatorId: string;
  readonly dispatch: DispatchPolicy;
  readonly redelivery: Redelivery;
  readonly batch: BatcherOptions;
  readonly workerSlots: number;
  readonly visibilityTimeoutMs: number;
  readonly invokeTimeoutMs: number;
  readonly retentionMs: number;
  readonly keyRetentionMs: number;
  /** Bounds of what is accepted and not yet terminal. */
  readonly maxOutstandingTasks: number;
  readonly maxOutstandingBytes: number;
}
