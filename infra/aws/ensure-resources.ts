import { tableNames, type TableNames } from '../resources/resources.js';
import type { Clients } from './clients.js';
import { ensureQueues, type QueueSettings } from './ensure-queues.js';
import { ensureTables } from './ensure-tables.js';
import type { QueueUrls } from './sqs-batch-queue.js';

export interface StackResources extends QueueUrls {
  readonly tableNames: TableNames;
}

/**
 * Makes the stack ready: queues and tables as infra/resources/resources.json describes them. What exists is no error.
 * @throws StackUnavailableError
 */
export async function ensureResources(
  { sqs, dynamodb }: Clients,
  settings: QueueSettings = {},
): Promise<StackResources> {
  const [queueUrls] = await Promise.all([ensureQueues(sqs, settings), ensureTables(dynamodb)]);
  return { ...queueUrls, tableNames };
}
