import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { BatchDocument, DeliveryRecord } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchStore, IndexPage } from '../../contracts/stack/batch-store.js';
import { readText, text } from './attributes.js';
import { batchGet } from './batch-get.js';
import { ATTENTION, decodeBatch, encodeBatch, OPEN } from './batch-codec.js';
import { enterDelivery, replaceBatch } from './batch-updates.js';
import { queryShards, type BatchIndex } from './shard-query.js';
import { callConditionally, callStack } from './stack-calls.js';
import { UnreadableItems } from './unreadable-items.js';

const BY_TIME = { indexName: 'byTime', shardAttribute: 'hourShard', timeAttribute: 'createdAt' };
const BY_DUE_TIME = { indexName: 'open', shardAttribute: 'openShard', timeAttribute: 'dueAt' };
const BY_ATTENTION = {
  indexName: 'attention',
  shardAttribute: 'attentionShard',
  timeAttribute: 'attentionAt',
};

/** Batches as items of one table, each write conditional, no scan anywhere. */
export class DynamoBatchStore implements BatchStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #unreadable: UnreadableItems;

  constructor(client: DynamoDBClient, tableName: string, unreadable = new UnreadableItems()) {
    this.#client = client;
    this.#tableName = tableName;
    this.#unreadable = unreadable;
  }

  async create(batch: BatchDocument): Promise<BatchDocument | 'created'> {
    const batchDoesNotExist = 'attribute_not_exists(id)';
    const result = await callConditionally(
      'PutItem of a batch',
      this.#client.send(
        new PutItemCommand({
          TableName: this.#tableName,
          Item: encodeBatch(batch),
          ConditionExpression: batchDoesNotExist,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );
    if (result === 'written') return 'created';
    const existing = result.item === undefined ? await this.read(batch.id) : decodeBatch(result.item);
    // Gone between the two: expired, or the table was emptied.
    return existing ?? this.create(batch);
  }

  async read(id: BatchId): Promise<BatchDocument | undefined> {
    const { Item: item } = await callStack(
      'GetItem of a batch',
      this.#client.send(
        new GetItemCommand({ TableName: this.#tableName, Key: { id: text(id) }, ConsistentRead: true }),
      ),
    );
    return item && this.#unreadable.decodeOne(this.#tableName, item, id, decodeBatch);
  }

  async readMany(
    ids: readonly BatchId[],
    onThrottled?: (ids: readonly BatchId[]) => void,
  ): Promise<readonly BatchDocument[]> {
    const keys = [...new Set(ids)].map((id) => ({ id: text(id) }));
    const items = await batchGet(
      this.#client,
      'BatchGetItem of batches',
      this.#tableName,
      keys,
      onThrottled && ((unread) => onThrottled(unread.map((key) => readText(key, 'id')))),
    );
    return this.#unreadable.decodeAll(this.#tableName, items, (item) => item['id']?.S, decodeBatch);
  }

  async replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'> {
    const update = new UpdateItemCommand(replaceBatch(this.#tableName, previous, next));
    const result = await callConditionally('UpdateItem of a batch', this.#client.send(update));
    return result === 'written' ? 'written' : 'conflict';
  }

  async recordStart(
    id: BatchId,
    readRev: number,
    delivery: DeliveryRecord,
    dueAtMs: number,
  ): Promise<'written' | 'conflict'> {
    const update = new UpdateItemCommand(enterDelivery(this.#tableName, id, readRev, delivery, dueAtMs));
    const result = await callConditionally('UpdateItem of a delivery', this.#client.send(update));
    return result === 'written' ? 'written' : 'conflict';
  }

  listByTime(hour: number, beforeMs: number, limit: number): Promise<IndexPage> {
    const query = { prefix: String(hour), order: 'newest-first', beforeMs, limit } as const;
    return queryShards(this.#client, this.#index(BY_TIME), query);
  }

  listOpen(limit: number, onThrottled?: () => void): Promise<IndexPage> {
    const query = { prefix: OPEN, order: 'oldest-first', limit } as const;
    return queryShards(this.#client, this.#index(BY_DUE_TIME), query, onThrottled);
  }

  listAttention(beforeMs: number, limit: number): Promise<IndexPage> {
    const query = { prefix: ATTENTION, order: 'newest-first', beforeMs, limit } as const;
    return queryShards(this.#client, this.#index(BY_ATTENTION), query);
  }

  #index(index: Omit<BatchIndex, 'tableName'>): BatchIndex {
    return { tableName: this.#tableName, ...index };
  }
}
