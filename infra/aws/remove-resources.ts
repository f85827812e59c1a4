/** Queues and tables go, with all that is in them: for what checks made, never for those of a running system. */
import {
  DeleteTableCommand,
  paginateListTables,
  ResourceNotFoundException,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand, paginateListQueues, type SQSClient } from '@aws-sdk/client-sqs';
import type { Resources } from '../resources/resources.js';
import type { Clients } from './clients.js';
import { findQueue } from './ensure-queues.js';

/** A resource that has gone meanwhile is no error. */
export async function removeResources({ sqs, dynamodb }: Clients, described: Resources): Promise<void> {
  await Promise.all([removeQueues(sqs, described), removeTables(dynamodb, described)]);
}

/** All whose names begin so: what is left of a run that was broken off before it could remove its own. */
export async function removeAllNamed(prefix: string, { sqs, dynamodb }: Clients): Promise<void> {
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: prefix })) {
    await Promise.all(QueueUrls.map((QueueUrl) => sqs.send(new DeleteQueueCommand({ QueueUrl }))));
  }
  for await (const { TableNames = [] } of paginateListTables({ client: dynamodb }, {})) {
    const named = TableNames.filter((name) => name.startsWith(prefix));
    await Promise.all(named.map((name) => removeTable(dynamodb, name)));
  }
}

export async function removeQueues(client: SQSClient, { queues }: Resources): Promise<void> {
  for (const { createQueue } of [queues.batches, queues.deadLetters]) {
    const queue = await findQueue(client, createQueue.QueueName);
    if (queue !== undefined) await client.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
  }
}

export async function removeTables(client: DynamoDBClient, { tables }: Resources): Promise<void> {
  await Promise.all(
    Object.values(tables).map(({ createTable: { TableName } }) => removeTable(client, TableName)),
  );
}

async function removeTable(client: DynamoDBClient, TableName: string): Promise<void> {
  try {
    await client.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
