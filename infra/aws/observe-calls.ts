/** Notes of every call of a client what it asks for and what came of it, and tells an observer. */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { StackCallObserver } from '../../contracts/stack/stack-calls.js';
import { recordCallOf, refusalOf } from './failed-calls.js';

/** A chain is built once for each operation (`cacheMiddleware`), so its name is known before the first call. */
export function observeCalls(
  client: SQSClient | DynamoDBClient,
  service: 'sqs' | 'dynamodb',
  observer?: StackCallObserver,
): void {
  // Only what the middleware types of both clients share is used.
  (client as DynamoDBClient).middlewareStack.add(
    (next, { commandName = '' }) => {
      const action = commandName.replace(/Command$/, '');
      return async (request) => {
        const startedAtMs = performance.now();
        const call = { service, action, resource: resourceOf(request.input) };
        const report = (error: unknown) => {
          const durationMs = performance.now() - startedAtMs;
          observer?.called(action, durationMs, nameOf(error), call, refusalOf(error));
        };
        try {
          const result = await next(request);
          report(undefined);
          return result;
        } catch (error) {
          recordCallOf(error, call);
          report(error);
          throw error;
        }
      };
    },
    { step: 'initialize', priority: 'high', name: 'boomerangObserver' },
  );
}

/** A condition that does not hold is an answer. */
function nameOf(error: unknown): string | undefined {
  if (error === undefined || error instanceof ConditionalCheckFailedException) return undefined;
  return error instanceof Error ? error.name : 'Error';
}

/** This is on the way of every call, so nothing is parsed: a field that is no text is passed over. */
function resourceOf(input: object): string {
  const queue = textIn(input, 'QueueName') ?? textIn(input, 'QueueUrl')?.split('/').at(-1);
  if (queue !== undefined) return `queue/${queue}`;
  const table = textIn(input, 'TableName') ?? firstTableIn(input);
  if (table === undefined) return '';
  const index = textIn(input, 'IndexName');
  return index === undefined ? `table/${table}` : `table/${table}/index/${index}`;
}

function textIn(input: object, field: string): string | undefined {
  const value: unknown = field in input ? Reflect.get(input, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function firstTableIn(input: object): string | undefined {
  const requests: unknown = 'RequestItems' in input ? input.RequestItems : undefined;
  return typeof requests === 'object' && requests !== null ? Object.keys(requests)[0] : undefined;
}
