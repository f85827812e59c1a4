/** How large DynamoDB takes an item for: names and values in UTF-8, and a few bytes for each map, list and entry. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { encodeBatch } from '../../infra/aws/batch-codec.js';

/** 400 KB, in which DynamoDB counts 1024 bytes. */
export const MAX_ITEM_BYTES = 400 * 1024;

const MAX_NUMBER_BYTES = 21;
const CONTAINER_BYTES = 3;
const ENTRY_BYTES = 1;

export function itemBytes(batch: BatchDocument): number {
  return entriesBytes(encodeBatch(batch));
}

function entriesBytes(entries: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(entries).reduce(
    (sum, [name, value]) => sum + ENTRY_BYTES + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes({ S: text, N: number, M: map, L: list }: AttributeValue): number {
  if (text !== undefined) return Buffer.byteLength(text);
  if (number !== undefined) return MAX_NUMBER_BYTES;
  if (map !== undefined) return CONTAINER_BYTES + entriesBytes(map);
  if (list !== undefined)
    return list.reduce((sum, element) => sum + ENTRY_BYTES + valueBytes(element), CONTAINER_BYTES);
  throw new Error('batches have no such attribute');
}
