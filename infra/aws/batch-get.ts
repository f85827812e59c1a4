/** Many items of one table by their keys, consistently. */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { StackUnavailableError } from '../../contracts/errors.js';
import { callStack, type Item } from './stack-calls.js';

type Requests = NonNullable<BatchGetItemCommandInput['RequestItems']>;

/** @param keys 100 at most, each once */
export async function batchGet(
  client: DynamoDBClient,
  operation: string,
  tableName: string,
  keys: readonly Item[],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let pending: Requests | undefined =
    keys.length === 0 ? undefined : { [tableName]: { Keys: [...keys], ConsistentRead: true } };
  while (pending !== undefined) {
    const { found, rest } = await getSome(client, operation, tableName, pending);
    items.push(...found);
    pending = rest;
  }
  return items;
}

/** One answer holds at most 16 MB. Nothing at all in an answer means that the table is being throttled. */
async function getSome(
  client: DynamoDBClient,
  operation: string,
  tableName: string,
  requests: Requests,
): Promise<{ readonly found: readonly Item[]; readonly rest: Requests | undefined }> {
  const answer = await callStack(operation, client.send(new BatchGetItemCommand({ RequestItems: requests })));
  const found = answer.Responses?.[tableName] ?? [];
  const hasRest = Object.keys(answer.UnprocessedKeys ?? {}).length > 0;
  if (hasRest && found.length === 0) throw new StackUnavailableError(operation, new Error('throttled'));
  return { found, rest: hasRest ? answer.UnprocessedKeys : undefined };
}
