/**
 * An index whose entries all share one hash key would be one hot partition. Each entry goes to one of a few shards
 * by its batch's id; whoever reads the index reads all of them and merges.
 */
import type { BatchId } from '../../contracts/batch/ids.js';

const SHARDS = 4;

export function shardOf(id: BatchId): number {
  let hash = 0;
  for (let at = 0; at < id.length; at += 1) hash = (hash * 31 + id.charCodeAt(at)) | 0;
  return (hash >>> 0) % SHARDS;
}

/** Hash key of one shard of an index, or of one of its hours. */
export function shardKey(prefix: string, shard: number): string {
  return `${prefix}#${shard}`;
}

export function allShardKeys(prefix: string): string[] {
  return Array.from({ length: SHARDS }, (_, shard) => shardKey(prefix, shard));
}
