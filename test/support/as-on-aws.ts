/** Adds what AWS does and the embedded stack does not: time to live of tables, and the refusal of what a principal may not do. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clients } from '../../infra/aws/clients.js';

/** Tables as the template makes them: DescribeTimeToLive tells that it is switched on. */
export function withTimeToLive({ dynamodb }: Clients): void {
  intercept(dynamodb, (operation) =>
    operation === 'DescribeTimeToLive'
      ? Promise.resolve({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' }, $metadata: {} })
      : undefined,
  );
}

/** These calls are refused as AWS does; all others go through. */
export function forbid({ sqs, dynamodb }: Clients, operations: readonly string[]): void {
  for (const client of [sqs, dynamodb])
    intercept(client, (operation) => {
      if (!operations.includes(operation)) return undefined;
      const error = new Error(`not authorized to perform ${operation}`);
      return Promise.reject(Object.assign(error, { name: 'AccessDeniedException' }));
    });
}

type Answer = (operation: string) => Promise<object> | undefined;

function intercept(client: SQSClient | DynamoDBClient, answer: Answer): void {
  (client as DynamoDBClient).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (call) => {
        const output = await answer(commandName.replace(/Command$/, ''));
        return output === undefined ? next(call) : { output: output as never, response: undefined };
      },
    { step: 'initialize', priority: 'low' },
  );
}
