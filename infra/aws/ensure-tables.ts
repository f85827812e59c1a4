import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import { resources, type Resources, type TableResource } from '../resources/resources.js';
import { callStack, isNamed, stackError } from './stack-calls.js';

const ACTIVE_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** Creates what is missing, waits until all can be used, and has expired items dropped where the stack can do that. */
export async function ensureTables(client: DynamoDBClient, { tables }: Resources = resources): Promise<void> {
  await Promise.all(Object.values(tables).map((table) => ensureTable(client, table)));
}

async function ensureTable(client: DynamoDBClient, table: TableResource): Promise<void> {
  await untilActive(client, table);
  if (table.updateTimeToLive !== undefined) await ensureTimeToLive(client, table.updateTimeToLive);
}

async function tableStatus(client: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw stackError(`DescribeTable ${name}`, error);
  }
}

async function createTable(client: DynamoDBClient, { createTable: input }: TableResource): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    const wasCreatedMeanwhile = error instanceof ResourceInUseException;
    if (!wasCreatedMeanwhile) throw stackError(`CreateTable ${input.TableName}`, error);
  }
}

/** Makes the table where there is none: also one that was being deleted, and has gone meanwhile. */
async function untilActive(client: DynamoDBClient, table: TableResource): Promise<void> {
  const name = table.createTable.TableName;
  const deadlineMs = performance.now() + ACTIVE_WITHIN_MS;
  for (;;) {
    const status = await tableStatus(client, name);
    if (status === 'ACTIVE' || status === 'UPDATING') return;
    if (status === undefined) await createTable(client, table);
    if (performance.now() > deadlineMs) {
      throw new StackUnavailableError(
        `CreateTable ${name}`,
        new Error(`the table is still ${status ?? 'missing'}`),
      );
    }
    await pause(LOOK_EVERY_MS);
  }
}

async function ensureTimeToLive(
  client: DynamoDBClient,
  input: NonNullable<TableResource['updateTimeToLive']>,
): Promise<void> {
  const describe = new DescribeTimeToLiveCommand({ TableName: input.TableName });
  const { TimeToLiveDescription: current } = await callStack('DescribeTimeToLive', client.send(describe));
  if (current?.TimeToLiveStatus?.startsWith('ENABL') === true) return;
  try {
    await client.send(new UpdateTimeToLiveCommand(input));
  } catch (error) {
    const stackHasNone = isNamed(error, 'UnknownOperationException', 'UnknownOperation');
    const wasEnabledMeanwhile = isNamed(error, 'ValidationException');
    if (!stackHasNone && !wasEnabledMeanwhile) throw stackError('UpdateTimeToLive', error);
  }
}
