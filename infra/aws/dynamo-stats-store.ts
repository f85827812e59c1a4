import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import type { StatsStore } from '../../contracts/stack/stores.js';
import type { StatsRow } from '../../contracts/stats/stats.js';
import { epochMsSchema, MAX_EPOCH_MS } from '../../contracts/common/times.js';
import { json, number, readJson, text } from './attributes.js';
import { queryAll } from './query-all.js';
import { callStack } from './stack-calls.js';
import { UnreadableItems } from './unreadable-items.js';

const KEPT_SECONDS = 3600;
/** Sorts after every coordinator's row of a second. */
const AFTER_ALL_COORDINATORS = '$';

const rowSchema = z.object({
  coordinatorId: z.string(),
  second: z
    .int()
    .min(0)
    .max(MAX_EPOCH_MS / 1000),
  counts: z.record(z.string(), z.number()),
  latency: z.record(z.string(), z.number()),
  outstandingTasks: z.number(),
  outstandingBytes: z.number().optional(),
  events: z.array(
    z.object({
      atMs: epochMsSchema,
      name: z.string(),
      fields: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
  written: z.object({ runStartedAtMs: z.number(), number: z.int() }).exactOptional(),
}) satisfies z.ZodType<StatsRow>;

/** One partition a minute; in it one row a second and coordinator. */
export class DynamoStatsStore implements StatsStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #unreadable: UnreadableItems;

  constructor(client: DynamoDBClient, tableName: string, unreadable = new UnreadableItems()) {
    this.#client = client;
    this.#tableName = tableName;
    this.#unreadable = unreadable;
  }

  async put(row: StatsRow): Promise<void> {
    const item = {
      minute: number(minuteOf(row.second)),
      secondAndCoordinator: text(`${row.second}#${row.coordinatorId}`),
      expiresAt: number(row.second + KEPT_SECONDS),
      row: json(row),
    };
    await callStack(
      'PutItem of statistics',
      this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item: item })),
    );
  }

  async range(fromMs: number, toMs: number): Promise<readonly StatsRow[]> {
    const fromSecond = Math.ceil(fromMs / 1000);
    const lastSecond = Math.ceil(toMs / 1000) - 1;
    if (lastSecond < fromSecond) return [];
    const firstMinute = minuteOf(fromSecond);
    const minutes = Array.from(
      { length: minuteOf(lastSecond) - firstMinute + 1 },
      (_, index) => firstMinute + index,
    );
    const rows = await Promise.all(minutes.map((minute) => this.#rowsOf(minute, fromSecond, lastSecond)));
    return rows.flat();
  }

  async #rowsOf(minute: number, fromSecond: number, lastSecond: number): Promise<StatsRow[]> {
    const items = await queryAll(this.#client, 'Query statistics', {
      TableName: this.#tableName,
      KeyConditionExpression: '#minute = :minute AND #second BETWEEN :from AND :last',
      ExpressionAttributeNames: { '#minute': 'minute', '#second': 'secondAndCoordinator' },
      ExpressionAttributeValues: {
        ':minute': number(minute),
        ':from': text(`${fromSecond}#`),
        ':last': text(`${lastSecond}${AFTER_ALL_COORDINATORS}`),
      },
    });
    return this.#unreadable.decodeAll(
      this.#tableName,
      items,
      (item) => item['secondAndCoordinator']?.S,
      (item) => readJson(item, 'row', rowSchema),
    );
  }
}

function minuteOf(second: number): number {
  return Math.floor(second / 60);
}
