/** The monitor's ports to the stack, for reads only. Every method throws `StackUnavailableError` as stores do. */
import type { BatchStore } from '../../../contracts/stack/batch-store.js';
import type { QueueDepth } from '../../../contracts/stack/batch-queue.js';
import type { StatsStore, WorkerStore } from '../../../contracts/stack/stores.js';

export interface QueueReader {
  batches(): Promise<{ readonly depth: QueueDepth; readonly visibilityTimeoutMs: number }>;
  deadLetters(): Promise<QueueDepth>;
}

export interface MonitorPorts {
  /** Epoch ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly queue: QueueReader;
  readonly workers: Pick<WorkerStore, 'list'>;
  readonly stats: Pick<StatsStore, 'range'>;
  readonly batches: Pick<BatchStore, 'listByTime' | 'listOpen' | 'readMany'>;
}
