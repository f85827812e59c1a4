/** All that a coordinator needs of a stack, on its queues and tables. */
import type { Clock } from '../../contracts/system/clock.js';
import type { Clients } from './clients.js';
import { DynamoBatchStore } from './dynamo-batch-store.js';
import { DynamoKeyStore } from './dynamo-key-store.js';
import { DynamoMarkerStore } from './dynamo-marker-store.js';
import { DynamoStatsStore } from './dynamo-stats-store.js';
import { DynamoWorkerStore } from './dynamo-worker-store.js';
import type { StackResources } from './ensure-resources.js';
import { SqsBatchQueue } from './sqs-batch-queue.js';
import { UnreadableItems } from './unreadable-items.js';

export type StackPorts = ReturnType<typeof createStackPorts>;

export function createStackPorts(
  { sqs, dynamodb }: Clients,
  { tableNames, ...queueUrls }: StackResources,
  clock: Pick<Clock, 'now'>,
  unreadable = new UnreadableItems(),
) {
  return {
    queue: new SqsBatchQueue(sqs, queueUrls),
    batches: new DynamoBatchStore(dynamodb, tableNames.batches, unreadable),
    keys: new DynamoKeyStore(dynamodb, tableNames.keys, clock),
    workers: new DynamoWorkerStore(dynamodb, tableNames.workers, unreadable),
    statistics: new DynamoStatsStore(dynamodb, tableNames.stats, unreadable),
    marker: new DynamoMarkerStore(dynamodb, tableNames.meta),
  };
}
