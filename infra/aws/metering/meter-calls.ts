/**
 * Meters what calls touch, and the units that AWS bills them by. For measuring only: writes are made to answer with what they
 * consumed and wrote, which changes nothing else.
 */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { resources } from '../../resources/resources.js';
import type { Clients } from '../clients.js';
import type { Item } from '../stack-calls.js';
import {
  isEmptyAnswer,
  readCall,
  resourceOf,
  sqsRequestsOf,
  unitsRead,
  unitsWritten,
  type CallInput,
} from './call-fields.js';
import { IndexWrites } from './index-writes.js';

export interface MeteredCall {
  readonly operation: string;
  /** `queue batches`, `table stats`, `index batches/open` */
  readonly resource: string;
  /** A receive or a read that brought nothing. */
  readonly isEmpty: boolean;
  readonly sqsRequests: number;
  readonly writeUnits: number;
  readonly indexWriteUnits: number;
  readonly readUnits: number;
}

type OnCall = (call: MeteredCall) => void;

const WRITES = ['PutItem', 'UpdateItem'];
const READS = ['GetItem', 'BatchGetItem', 'Query'];
const NO_USAGE = { isEmpty: false, sqsRequests: 0, writeUnits: 0, indexWriteUnits: 0, readUnits: 0 };

/** Tells of every call of these clients when it has ended, whether it succeeded or not. */
export function meterCalls({ sqs, dynamodb }: Pick<Clients, 'sqs' | 'dynamodb'>, onCall: OnCall): void {
  const indexes = new Map(
    Object.values(resources.tables).map((table) => [table.createTable.TableName, new IndexWrites(table)]),
  );
  add(
    sqs,
    (operation, input, answer) => {
      const isReceive = operation === 'ReceiveMessage';
      return {
        ...NO_USAGE,
        isEmpty: isReceive && isEmptyAnswer(answer),
        sqsRequests: sqsRequestsOf(input, answer),
      };
    },
    onCall,
  );
  add(
    dynamodb,
    (operation, input, answer) => {
      if (WRITES.includes(operation)) {
        const item = input.Item ?? answer.Attributes;
        const writes = item === undefined ? 0 : indexes.get(input.TableName ?? '')?.countWrites(item as Item);
        return { ...NO_USAGE, writeUnits: Math.max(1, unitsWritten(answer)), indexWriteUnits: writes ?? 0 };
      }
      if (!READS.includes(operation)) return NO_USAGE;
      const least = input.ConsistentRead === true || operation === 'BatchGetItem' ? 1 : 0.5;
      return { ...NO_USAGE, isEmpty: isEmptyAnswer(answer), readUnits: Math.max(least, unitsRead(answer)) };
    },
    onCall,
  );
}

type Measure = (
  operation: string,
  input: CallInput,
  answer: ReturnType<typeof readCall>['answer'],
) => Omit<MeteredCall, 'operation' | 'resource'>;

function add(client: SQSClient | DynamoDBClient, measure: Measure, onCall: OnCall): void {
  // Only what the middleware types of both clients share is used.
  (client as DynamoDBClient).middlewareStack.add(
    (next, { commandName = '' }) => {
      const operation = commandName.replace(/Command$/, '');
      const requested = {
        ...([...WRITES, ...READS].includes(operation) && { ReturnConsumedCapacity: 'INDEXES' }),
        ...(operation === 'UpdateItem' && { ReturnValues: 'ALL_NEW' }),
      };
      return async (call) => {
        const resource = resourceOf(readCall(call.input, {}).input);
        try {
          const result = await next({ ...call, input: { ...call.input, ...requested } });
          const { input, answer } = readCall(call.input, result.output);
          onCall({ operation, resource, ...measure(operation, input, answer) });
          return result;
        } catch (error) {
          const isBilled = error instanceof ConditionalCheckFailedException;
          onCall({ operation, resource, ...NO_USAGE, writeUnits: isBilled ? 1 : 0 });
          throw error;
        }
      };
    },
    { step: 'initialize', priority: 'high', name: 'boomerangMeter' },
  );
}
