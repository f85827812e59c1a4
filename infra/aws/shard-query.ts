/** Pages of an index of batches, merged from its shards. */
import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StackThrottledError } from '../../contracts/errors/errors.js';
import type { IndexEntry, IndexPage } from '../../contracts/stack/batch-store.js';
import { number, readNumber, readText, text } from './attributes.js';
import { allShardKeys } from './shards.js';
import { callStack } from './stack-calls.js';

export interface BatchIndex {
  readonly tableName: string;
  readonly indexName: string;
  readonly shardAttribute: string;
  readonly timeAttribute: string;
}

export interface ShardQuery {
  /** The common part of the hash keys of all shards. */
  readonly prefix: string;
  readonly order: 'oldest-first' | 'newest-first';
  /** Entries at or after this time are left out. */
  readonly beforeMs?: number;
  readonly limit: number;
}

/**
 * @param onThrottled told where some shards are too busy to answer, and their entries are left out; where none answers,
 * or without it, the whole query fails instead
 */
export async function queryShards(
  client: DynamoDBClient,
  index: BatchIndex,
  query: ShardQuery,
  onThrottled?: () => void,
): Promise<IndexPage> {
  const answers = await Promise.allSettled(
    allShardKeys(query.prefix).map((key) => queryShard(client, index, query, key)),
  );
  const failures = answers.flatMap((answer): unknown[] =>
    answer.status === 'rejected' ? [answer.reason] : [],
  );
  const canGoOn =
    onThrottled !== undefined &&
    failures.length < answers.length &&
    failures.every((failure) => failure instanceof StackThrottledError);
  if (failures.length > 0 && !canGoOn) throw failures.find(isNoThrottling) ?? failures[0];
  if (failures.length > 0) onThrottled?.();
  const shards = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const direction = query.order === 'oldest-first' ? 1 : -1;
  const entries = shards.flat().sort((one, other) => direction * (one.atMs - other.atMs));
  return cutPage(entries, query.limit);
}

function isNoThrottling(failure: unknown): boolean {
  return !(failure instanceof StackThrottledError);
}

/**
 * The next page asks for what is before the last entry's time: entries of one time must not be parted. They only
 * are where they alone fill the page.
 */
export function cutPage(entries: readonly IndexEntry[], limit: number): IndexPage {
  if (entries.length <= limit) return { entries, more: false };
  const page = entries.slice(0, limit);
  const nextMs = entries[limit]?.atMs;
  const whole = page.filter(({ atMs }) => atMs !== nextMs);
  return { entries: whole.length > 0 ? whole : page, more: true };
}

/** One entry more than the page holds, to know whether there are more. */
async function queryShard(
  client: DynamoDBClient,
  index: BatchIndex,
  query: ShardQuery,
  shardKey: string,
): Promise<IndexEntry[]> {
  const inThisShard = '#shard = :shard';
  const before = query.beforeMs === undefined ? '' : ' AND #time < :before';
  const result = await callStack(
    `Query ${index.indexName}`,
    client.send(
      new QueryCommand({
        TableName: index.tableName,
        IndexName: index.indexName,
        KeyConditionExpression: `${inThisShard}${before}`,
        ExpressionAttributeNames: {
          '#shard': index.shardAttribute,
          ...(query.beforeMs === undefined ? {} : { '#time': index.timeAttribute }),
        },
        ExpressionAttributeValues: {
          ':shard': text(shardKey),
          ...(query.beforeMs === undefined ? {} : { ':before': number(query.beforeMs) }),
        },
        ScanIndexForward: query.order === 'oldest-first',
        Limit: query.limit + 1,
      }),
    ),
  );
  return (result.Items ?? []).map((item) => ({
    id: readText(item, 'id'),
    atMs: readNumber(item, index.timeAttribute),
  }));
}
