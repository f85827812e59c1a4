/** Many items of one table by their keys, consistently. */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { StackThrottledError } from '../../contracts/errors/errors.js';
import { callStack, type Item } from './stack-calls.js';

type Requests = NonNullable<BatchGetItemCommandInput['RequestItems']>;

/**
 * @param keys 100 at most, each once
 * @param onThrottled told the keys of what the table is too busy to give; without it the whole read fails instead
 */
export async function batchGet(
  client: DynamoDBClient,
  operation: string,
  tableName: string,
  keys: readonly Item[],
  onThrottled?: (keys: readonly Item[]) => void,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let rest = keys;
  while (rest.length > 0) {
    const before = rest.length;
    const answer = await getOnce(client, operation, tableName, rest, onThrottled);
    items.push(...answer.found);
    rest = answer.rest;
    if (rest.length < before) continue;
    if (onThrottled === undefined) throw new StackThrottledError(operation, new Error('throttled'));
    onThrottled(rest);
    break;
  }
  return items;
}

interface PartialAnswer {
  readonly found: readonly Item[];
  /** One answer holds at most 16 MB; beyond that, what is not answered is throttled. */
  readonly rest: readonly Item[];
}

async function getOnce(
  client: DynamoDBClient,
  operation: string,
  tableName: string,
  keys: readonly Item[],
  onThrottled?: (keys: readonly Item[]) => void,
): Promise<PartialAnswer> {
  const requests: Requests = { [tableName]: { Keys: [...keys], ConsistentRead: true } };
  try {
    const answer = await callStack(
      operation,
      client.send(new BatchGetItemCommand({ RequestItems: requests })),
    );
    return {
      found: answer.Responses?.[tableName] ?? [],
      rest: answer.UnprocessedKeys?.[tableName]?.Keys ?? [],
    };
  } catch (error) {
    if (onThrottled === undefined || !(error instanceof StackThrottledError)) throw error;
    return { found: [], rest: keys };
  }
}
