/** Items whose time to live is over, found piece by piece in dynalite's store, and deleted with their index entries. */
import database, { type Item, type Store } from 'dynalite/db/index.js';
import { z } from 'zod';
import { indexPrefix, isTable } from './repair-tables.js';
import { resources } from '../resources/resources.js';

/** A table whose items say when they expire, in epoch seconds. */
export interface ExpiringTable {
  readonly name: string;
  readonly expiryAttribute: string;
  readonly indexNames: readonly string[];
}

export const expiringTables: readonly ExpiringTable[] = Object.values(resources.tables).flatMap(
  ({ createTable, updateTimeToLive }) =>
    updateTimeToLive === undefined
      ? []
      : {
          name: createTable.TableName,
          indexNames: (createTable.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName),
          expiryAttribute: updateTimeToLive.TimeToLiveSpecification.AttributeName,
        },
);

export interface ItemChunk {
  /** Keys within the table of what has expired. */
  readonly expired: readonly string[];
  /** How many items were looked at. */
  readonly items: number;
  /** The key of the last item that was looked at; nothing follows where it is absent. */
  readonly lastKey?: string;
}

/** Items that are read at once are decoded at once: a millisecond's worth. */
const BYTES_PER_CHUNK = 256 * 1024;

const itemSchema = z.record(z.string(), z.unknown());

/** Looks at the next `most` items after `key`, as text: nothing is parsed. */
export async function readChunk(
  store: Store,
  table: ExpiringTable,
  key: string | undefined,
  maxItems: number,
  nowSeconds: number,
): Promise<ItemChunk> {
  const prefix = itemPrefix(table);
  const iterator = store.db.iterator({
    gt: `${prefix}${key ?? ''}`,
    lt: `${prefix}\xff`,
    valueEncoding: 'utf8',
    fillCache: false,
    highWaterMarkBytes: BYTES_PER_CHUNK,
  });
  try {
    const entries = await iterator.nextv(maxItems);
    const expired = entries
      .filter(([, json]) => expirySeconds(json, table.expiryAttribute) <= nowSeconds)
      .map(([found]) => found.slice(prefix.length));
    const lastKey = entries.at(-1)?.[0].slice(prefix.length);
    return { expired, items: entries.length, ...(lastKey === undefined ? {} : { lastKey }) };
  } finally {
    await iterator.close();
  }
}

/** Inside a text every quote is escaped, so this is found at the attribute alone. */
function expirySeconds(json: string, attribute: string): number {
  const start = `"${attribute}":{"N":"`;
  const at = json.indexOf(start);
  return at === -1 ? Infinity : Number.parseFloat(json.slice(at + start.length, at + start.length + 20));
}

/**
 * All of them in one write, with their index entries, and only those that are still expired when nobody else may change
 * them. dynalite's own action would take ten times as long: it writes each index entry by itself.
 * @returns how many were deleted
 */
export async function deleteExpired(
  store: Store,
  table: ExpiringTable,
  keys: readonly string[],
  nowSeconds: number,
): Promise<number> {
  if (keys.length === 0) return 0;
  const release = await lockItems(store, table, keys);
  try {
    const description = await store.db.get(`table~${table.name}`);
    const deletions: { readonly type: 'del'; readonly key: string }[] = [];
    let items = 0;
    for (const key of keys) {
      const item = itemSchema.safeParse(await store.db.get(itemPrefix(table) + key)).data;
      if (item === undefined || !isExpired(item, table, nowSeconds)) continue; // renewed, or gone
      items += 1;
      deletions.push({ type: 'del', key: itemPrefix(table) + key }, ...indexDeletions(description, item));
    }
    if (deletions.length > 0) await store.db.batch(deletions);
    return items;
  } finally {
    release();
  }
}

function isExpired(item: Item, table: ExpiringTable, nowSeconds: number): boolean {
  const expiry = z.object({ N: z.string() }).safeParse(item[table.expiryAttribute]).data;
  return expiry !== undefined && Number(expiry.N) <= nowSeconds;
}

function indexDeletions(table: unknown, item: Item): { readonly type: 'del'; readonly key: string }[] {
  if (!isTable(table)) return [];
  return database
    .getIndexActions(table.GlobalSecondaryIndexes ?? [], item, null, table)
    .deletes.map(({ index, key }) => ({ type: 'del', key: `${indexPrefix(table.TableName, index)}${key}` }));
}

/** Waits for those who are changing one of them. @returns the way to let others in again */
function lockItems(store: Store, table: ExpiringTable, keys: readonly string[]): Promise<() => void> {
  return new Promise((resolve) => {
    store.getItemDb(table.name).lock([...keys], (release) => resolve(release(() => undefined)));
  });
}

export function itemPrefix({ name }: { readonly name: string }): string {
  return `item-${name}~`;
}
