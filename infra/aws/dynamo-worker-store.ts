import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import type { WorkerStore } from '../../contracts/stack/stores.js';
import { epochMsSchema } from '../../contracts/common/times.js';
import {
  heartbeatSchema,
  workerHealthReasonSchema,
  workerIdSchema,
  type WorkerRecord,
} from '../../contracts/worker/worker.js';
import { epochSeconds, json, number, readJson, text } from './attributes.js';
import { queryAll } from './query-all.js';
import { callStack } from './stack-calls.js';
import { UnreadableItems } from './unreadable-items.js';

/** Few and small: one partition holds all, so that one query finds them. */
const PARTITION = text('workers');
/** A worker that has been silent so long is no longer shown. */
const FORGET_AFTER_MS = 3_600_000;

/** A SHA-256 in base64url has 43. */
const MAX_PROOF_LENGTH = 64;

const workerSchema = heartbeatSchema.extend({
  id: workerIdSchema,
  heartbeatAtMs: epochMsSchema,
  suspicion: workerHealthReasonSchema.exactOptional(),
  proof: z.string().max(MAX_PROOF_LENGTH).exactOptional(),
}) satisfies z.ZodType<WorkerRecord>;

export class DynamoWorkerStore implements WorkerStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #unreadable: UnreadableItems;

  constructor(client: DynamoDBClient, tableName: string, unreadable = new UnreadableItems()) {
    this.#client = client;
    this.#tableName = tableName;
    this.#unreadable = unreadable;
  }

  async put(worker: WorkerRecord): Promise<void> {
    const item = {
      partition: PARTITION,
      id: text(worker.id),
      heartbeatAt: number(worker.heartbeatAtMs),
      expiresAt: epochSeconds(worker.heartbeatAtMs + FORGET_AFTER_MS),
      worker: json(worker),
    };
    await callStack(
      'PutItem of a worker',
      this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item: item })),
    );
  }

  async list(): Promise<readonly WorkerRecord[]> {
    const items = await queryAll(this.#client, 'Query workers', {
      TableName: this.#tableName,
      KeyConditionExpression: '#partition = :partition',
      ExpressionAttributeNames: { '#partition': 'partition' },
      ExpressionAttributeValues: { ':partition': PARTITION },
      ConsistentRead: true,
    });
    return this.#unreadable.decodeAll(
      this.#tableName,
      items,
      (item) => item['id']?.S,
      (item) => readJson(item, 'worker', workerSchema),
    );
  }
}
