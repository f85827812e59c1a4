import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../contracts/system/clock.js';
import type { IdempotencyRecord, KeyStore } from '../../contracts/stack/stores.js';
import { epochSeconds, number, readNumber, readText, readTexts, text, texts } from './attributes.js';
import { batchGet } from './batch-get.js';
import { callConditionally, callStack, type Item } from './stack-calls.js';

/** Idempotency keys. An expired one counts as none, whether the table has dropped it yet or not. */
export class DynamoKeyStore implements KeyStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(client: DynamoDBClient, tableName: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#tableName = tableName;
    this.#clock = clock;
  }

  async read(key: string): Promise<IdempotencyRecord | undefined> {
    const { Item: item } = await callStack(
      'GetItem of a key',
      this.#client.send(
        new GetItemCommand({ TableName: this.#tableName, Key: { key: text(key) }, ConsistentRead: true }),
      ),
    );
    return item === undefined ? undefined : this.#unexpired(decodeKey(item))[0];
  }

  async readMany(keys: readonly string[]): Promise<readonly IdempotencyRecord[]> {
    const wanted = [...new Set(keys)].map((key) => ({ key: text(key) }));
    const items = await batchGet(this.#client, 'BatchGetItem of keys', this.#tableName, wanted);
    return items.flatMap((item) => this.#unexpired(decodeKey(item)));
  }

  async create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'> {
    const keyDoesNotExist = 'attribute_not_exists(#key)';
    const keyExpired = '#expiresAt <= :nowSeconds';
    const result = await callConditionally(
      'PutItem of a key',
      this.#client.send(
        new PutItemCommand({
          TableName: this.#tableName,
          Item: encodeKey(record),
          ConditionExpression: `${keyDoesNotExist} OR ${keyExpired}`,
          ExpressionAttributeNames: { '#key': 'key', '#expiresAt': 'expiresAt' },
          ExpressionAttributeValues: { ':nowSeconds': number(Math.floor(this.#clock.now() / 1000)) },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );
    if (result === 'written') return 'created';
    const existing = result.item === undefined ? await this.read(record.key) : decodeKey(result.item);
    // Expired between the two.
    return existing ?? this.create(record);
  }

  #unexpired(record: IdempotencyRecord): IdempotencyRecord[] {
    return record.expiresAtMs <= this.#clock.now() ? [] : [record];
  }
}

function encodeKey(record: IdempotencyRecord): Item {
  return {
    key: text(record.key),
    requestHash: text(record.requestHash),
    taskIds: texts(record.taskIds),
    expiresAt: epochSeconds(record.expiresAtMs),
  };
}

function decodeKey(item: Item): IdempotencyRecord {
  return {
    key: readText(item, 'key'),
    requestHash: readText(item, 'requestHash'),
    taskIds: readTexts(item, 'taskIds'),
    expiresAtMs: readNumber(item, 'expiresAt') * 1000,
  };
}
