/** Tells an observer of every call of a client, without its knowing what the observer makes of it. */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { StackCallObserver } from '../../contracts/ports.js';

/** A chain is built once for each operation (`cacheMiddleware`), so its name is known before the first call. */
export function observeCalls(client: SQSClient | DynamoDBClient, observer: StackCallObserver): void {
  // Of both clients' types of middleware only what they share is used.
  (client as DynamoDBClient).middlewareStack.add(
    (next, { commandName = '' }) => {
      const operation = commandName.replace(/Command$/, '');
      return async (call) => {
        const startedAtMs = performance.now();
        try {
          const result = await next(call);
          observer.called(operation, performance.now() - startedAtMs, undefined);
          return result;
        } catch (error) {
          observer.called(operation, performance.now() - startedAtMs, nameOf(error));
          throw error;
        }
      };
    },
    { step: 'initialize', priority: 'high', name: 'boomerangObserver' },
  );
}

/** A condition that does not hold is an answer. */
function nameOf(error: unknown): string | undefined {
  if (error instanceof ConditionalCheckFailedException) return undefined;
  return error instanceof Error ? error.name : 'Error';
}
