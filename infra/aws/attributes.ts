/** DynamoDB's attribute values, written and read. What an item lacks, or holds in another type, is an error. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { z } from 'zod';
import { epochMsSchema } from '../../contracts/common/times.js';
import type { Item } from './stack-calls.js';

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const json = (value: unknown): AttributeValue => ({ S: JSON.stringify(value) });
export const texts = (values: readonly string[]): AttributeValue => ({ L: values.map(text) });

/** DynamoDB's time to live takes whole epoch seconds; rounded up, so that nothing goes too early. */
export const epochSeconds = (epochMs: number): AttributeValue => number(Math.ceil(epochMs / 1000));

export function readText(item: Item, name: string): string {
  return present(item[name]?.S, name);
}

export function readNumber(item: Item, name: string): number {
  return finite(present(item[name]?.N, name), name);
}

/** Epoch milliseconds that can be shown. */
export function readTime(item: Item, name: string): number {
  return epochMsSchema.parse(readNumber(item, name));
}

export function readOptionalNumber(item: Item, name: string): number | undefined {
  const value = item[name]?.N;
  return value === undefined ? undefined : finite(value, name);
}

export function readOptionalTime(item: Item, name: string): number | undefined {
  return item[name] === undefined ? undefined : readTime(item, name);
}

export function readTexts(item: Item, name: string): string[] {
  return present(item[name]?.L, name).map((value) => present(value.S, name));
}

export function readJson<Schema extends z.ZodType>(
  item: Item,
  name: string,
  schema: Schema,
): z.output<Schema> {
  return schema.parse(JSON.parse(readText(item, name)));
}

function finite(text: string, name: string): number {
  const value = Number(text);
  return present(Number.isFinite(value) ? value : undefined, name);
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`an item holds no usable ${name}`);
  return value;
}
