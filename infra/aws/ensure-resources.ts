import { resources, tableNamesOf, type Resources, type TableNames } from '../resources/resources.js';
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
  described: Resources = resources,
): Promise<StackResources> {
  const [queueUrls] = await Promise.all([
    ensureQueues(sqs, settings, described),
    ensureTables(dynamodb, described),
  ]);
  return { ...queueUrls, tableNames: tableNamesOf(described) };
}
