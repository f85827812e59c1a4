/** A batch document and its DynamoDB item. Names and keys of indexes: infra/resources/resources.json. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import type { BatchDocument, DeliveryRecord } from '../../contracts/batch/batch.js';
import {
  epochSeconds,
  json,
  number,
  readJson,
  readNumber,
  readOptionalNumber,
  readOptionalTime,
  readText,
  readTexts,
  readTime,
  text,
  texts,
} from './attributes.js';
import { inputColumns, inputOf, inputsSchema, taskColumns, taskOf, tasksSchema } from './batch-columns.js';
import { deliverySchema, storedDelivery } from './batch-schema.js';
import { shardKey, shardOf } from './shards.js';
import type { Item } from './stack-calls.js';

export const OPEN = 'open';
export const ATTENTION = 'attention';
const HOUR_MS = 3_600_000;
const redrivenSchema = z.record(z.string(), z.string());

export function encodeBatch(batch: BatchDocument): Item {
  return {
    id: text(batch.id),
    batchNumber: number(batch.batchNumber),
    coordinatorId: text(batch.coordinatorId),
    createdAt: number(batch.createdAtMs),
    hourShard: text(shardKey(String(Math.floor(batch.createdAtMs / HOUR_MS)), shardOf(batch.id))),
    inputs: json(batch.inputs.map(inputColumns)),
    deliveries: { M: mapValues(batch.deliveries, encodeDelivery) },
    slots: encodeTasks(batch),
    ...encodeCounters(batch),
    ...encodeMarks(batch),
    ...(batch.redrivenAs === undefined ? {} : { redrivenAs: encodeRedriven(batch.redrivenAs) }),
  };
}

export function encodeTasks({ tasks }: BatchDocument): AttributeValue {
  return json(tasks.map(taskColumns));
}

export function encodeDelivery(delivery: DeliveryRecord): AttributeValue {
  return json(storedDelivery(delivery));
}

export function encodeRedriven(redrivenAs: NonNullable<BatchDocument['redrivenAs']>): AttributeValue {
  return json(redrivenAs);
}

/** The attributes that every counted write changes. */
export function encodeCounters(batch: BatchDocument): Item {
  return {
    rev: number(batch.rev),
    writeIds: texts(batch.writeIds),
    sends: number(batch.sends),
    touchedAt: number(batch.touchedAtMs),
    deliveryCount: number(batch.deliveryCount),
  };
}

export const MARKS = [
  'openShard',
  'dueAt',
  'attentionShard',
  'attentionAt',
  'deadLetteredAt',
  'expiresAt',
] as const;

/** The attributes that come and go: keys of the sparse indexes, and the time to live. */
export function encodeMarks({
  id,
  dueAtMs,
  attentionAtMs,
  deadLetteredAtMs,
  expiresAtMs,
}: BatchDocument): Item {
  const shard = shardOf(id);
  return {
    ...(dueAtMs === undefined ? {} : { openShard: text(shardKey(OPEN, shard)), dueAt: number(dueAtMs) }),
    ...(attentionAtMs === undefined
      ? {}
      : { attentionShard: text(shardKey(ATTENTION, shard)), attentionAt: number(attentionAtMs) }),
    ...(deadLetteredAtMs === undefined ? {} : { deadLetteredAt: number(deadLetteredAtMs) }),
    ...(expiresAtMs === undefined ? {} : { expiresAt: epochSeconds(expiresAtMs) }),
  };
}

/** @throws where the item is no batch. */
export function decodeBatch(item: Item): BatchDocument {
  const dueAtMs = readOptionalNumber(item, 'dueAt');
  const attentionAtMs = readOptionalTime(item, 'attentionAt');
  const deadLetteredAtMs = readOptionalTime(item, 'deadLetteredAt');
  const expiresAtSeconds = readOptionalNumber(item, 'expiresAt');
  return {
    id: readText(item, 'id'),
    batchNumber: readNumber(item, 'batchNumber'),
    coordinatorId: readText(item, 'coordinatorId'),
    createdAtMs: readTime(item, 'createdAt'),
    inputs: readJson(item, 'inputs', inputsSchema).map(inputOf),
    tasks: readJson(item, 'slots', tasksSchema).map(taskOf),
    deliveries: decodeDeliveries(item['deliveries']?.M ?? {}),
    deliveryCount: readNumber(item, 'deliveryCount'),
    rev: readNumber(item, 'rev'),
    writeIds: readTexts(item, 'writeIds'),
    sends: readNumber(item, 'sends'),
    touchedAtMs: readTime(item, 'touchedAt'),
    ...(dueAtMs === undefined ? {} : { dueAtMs }),
    ...(attentionAtMs === undefined ? {} : { attentionAtMs }),
    ...(deadLetteredAtMs === undefined ? {} : { deadLetteredAtMs }),
    ...(item['redrivenAs'] === undefined ? {} : { redrivenAs: readJson(item, 'redrivenAs', redrivenSchema) }),
    ...(expiresAtSeconds === undefined ? {} : { expiresAtMs: expiresAtSeconds * 1000 }),
  };
}

function decodeDeliveries(entries: Item): Record<string, DeliveryRecord> {
  return Object.fromEntries(Object.keys(entries).map((key) => [key, readJson(entries, key, deliverySchema)]));
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
