/** All that a query finds: DynamoDB answers with a page of at most 1 MB. */
import { QueryCommand, type DynamoDBClient, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { callStack, type Item } from './stack-calls.js';

/** @throws StackUnavailableError */
export async function queryAll(
  client: DynamoDBClient,
  operation: string,
  query: QueryCommandInput,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let startKey: Item | undefined;
  do {
    const page = await callStack(
      operation,
      client.send(
        new QueryCommand({ ...query, ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }) }),
      ),
    );
    items.push(...(page.Items ?? []));
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return items;
}
