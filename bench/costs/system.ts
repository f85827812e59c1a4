/** A coordinator in this process on the queues and tables of a stack, with workers that answer at once. */
import { Coordinator } from '../../coordinator/coordinator.js';
import type { FunctionClient } from '../../contracts/worker/function-client.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { TaskId } from '../../contracts/batch/ids.js';
import type { Clients } from '../../infra/aws/clients.js';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { DynamoKeyStore } from '../../infra/aws/dynamo-key-store.js';
import { DynamoMarkerStore } from '../../infra/aws/dynamo-marker-store.js';
import { DynamoStatsStore } from '../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../infra/aws/dynamo-worker-store.js';
import { ensureResources } from '../../infra/aws/ensure-resources.js';
import { SqsBatchQueue } from '../../infra/aws/sqs-batch-queue.js';
import { createSystemClock } from '../../infra/process/system-clock.js';
import { createSystemRandom } from '../../infra/process/system-random.js';

export interface SystemSetup {
  readonly clients: Clients;
  readonly functions: FunctionClient;
  readonly maxBatchTasks: number;
  readonly workers?: number;
  readonly visibilityTimeoutSeconds?: number;
  readonly maxReceiveCount?: number;
}

export type System = Awaited<ReturnType<typeof startSystem>>;

const HOUR_MS = 3_600_000;
const BEAT_EVERY_MS = 1000;

export async function startSystem({ clients, functions, maxBatchTasks, ...setup }: SystemSetup) {
  const { workers = 3, visibilityTimeoutSeconds = 30, maxReceiveCount = 10 } = setup;
  const ensure = () => ensureResources(clients, { visibilityTimeoutSeconds, maxReceiveCount });
  const { tableNames, ...queueUrls } = await ensure();
  const [clock, random, logger] = [createSystemClock(), createSystemRandom(), silent];
  const ports = {
    ...{ clock, random, logger, functions },
    queue: new SqsBatchQueue(clients.sqs, queueUrls),
    batches: new DynamoBatchStore(clients.dynamodb, tableNames.batches),
    keys: new DynamoKeyStore(clients.dynamodb, tableNames.keys, clock),
    workers: new DynamoWorkerStore(clients.dynamodb, tableNames.workers),
    statistics: new DynamoStatsStore(clients.dynamodb, tableNames.stats),
    marker: new DynamoMarkerStore(clients.dynamodb, tableNames.meta),
    resources: { ensure: () => ensure().then(() => undefined) },
  };
  const timeouts = { visibilityTimeoutMs: visibilityTimeoutSeconds * 1000, retentionMs: 24 * HOUR_MS };
  const coordinator = new Coordinator(ports, {
    ...timeouts,
    coordinatorId: 'coordinator-1',
    dispatch: 'least-loaded',
    redelivery: 'backoff',
    batch: { maxTasks: maxBatchTasks, maxBytes: 200_000, maxTokens: 2048, windowMs: 2 },
    workerSlots: 2,
    invokeTimeoutMs: 10_000,
    maxOutstandingTasks: 20_000,
    maxOutstandingBytes: 64 * 1024 * 1024,
    keyRetentionMs: 24 * HOUR_MS,
  });
  const beat = () =>
    Promise.all(
      Array.from({ length: workers }, (_, index) =>
        coordinator.heartbeats.beat(`worker-${index + 1}`, HEARTBEAT).catch(() => undefined),
      ),
    );
  await beat();
  const beats = setInterval(() => void beat(), BEAT_EVERY_MS);
  coordinator.start();
  return {
    ...{ coordinator, ports },
    accept: (texts: readonly string[], idempotencyKey?: string) =>
      coordinator.accept({ request: { texts: [...texts] }, requestId: REQUEST_ID, idempotencyKey }),
    finished: (taskIds: readonly TaskId[], timeoutMs = 30_000) =>
      coordinator.wait(taskIds, timeoutMs, new AbortController().signal),
    stop: async () => {
      clearInterval(beats);
      await coordinator.stop(2000);
    },
  };
}

/** As long as those that are made. */
const REQUEST_ID = '9133662f-ec93-4198-ab71-dd557e5d7bd8';

const HEARTBEAT = {
  address: 'http://10.0.12.34:9001',
  state: 'up' as const,
  inFlight: 0,
  served: 1_234_567,
  failed: 0,
  p50Ms: 12.3,
  p95Ms: 45.6,
  injected: {},
  faults: 'none',
  model: 'minilm-sentiment-int8',
  startedAt: '2026-01-01T00:00:00.000Z',
};

const ignore = (): void => undefined;
export const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
