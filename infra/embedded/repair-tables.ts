/**
 * After an unclean stop: dynalite writes an item and its index entries one after the other, so an entry of a sparse
 * index may be missing, or lead to an item that was never stored. The index of unfinished batches decides what is
 * put back into the queue, so it is built anew from the items.
 */
import createTable, { type CreateTableInput } from 'dynalite/actions/createTable.js';
import database, { type Item, type Store, type Table } from 'dynalite/db/index.js';

export interface SparseIndex {
  readonly tableName: string;
  readonly indexName: string;
  /** Present in an item that belongs into the index. */
  readonly hashAttribute: string;
}

/** @returns how many items the index holds now. */
export async function rebuildSparseIndex(store: Store, index: SparseIndex): Promise<number> {
  const table = (await listTables(store)).find(({ TableName }) => TableName === index.tableName);
  if (table === undefined) return 0;
  await store.db.clear(keysUnder(indexPrefix(index.tableName, index.indexName)));
  let count = 0;
  for await (const item of store.db.values(keysUnder(`item-${index.tableName}~`))) {
    if (!isItem(item) || !(index.hashAttribute in item)) continue;
    await addToIndexes(store, table, item);
    count += 1;
  }
  return count;
}

/**
 * Describes anew the tables of which only items are left. They are `CREATING` until `finishTableCreations`.
 * @returns their names
 */
export async function restoreLostTables(
  store: Store,
  inputs: readonly CreateTableInput[],
): Promise<string[]> {
  const known = new Set((await listTables(store)).map(({ TableName }) => TableName));
  const restored: string[] = [];
  for (const input of inputs) {
    if (known.has(input.TableName) || !(await hasItems(store, input.TableName))) continue;
    await restoreTable(store, structuredClone(input)); // dynalite makes the table of what it is given
    restored.push(input.TableName);
  }
  return restored;
}

async function hasItems(store: Store, tableName: string): Promise<boolean> {
  for await (const key of store.db.keys(keysUnder(`item-${tableName}~`))) return key !== '';
  return false;
}

function restoreTable(store: Store, input: CreateTableInput): Promise<void> {
  return new Promise((resolve, reject) => {
    createTable(store, input, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A table whose creation was cut off would stay `CREATING`, unusable and undeletable, for good. */
export async function finishTableCreations(store: Store): Promise<void> {
  for (const table of await listTables(store)) {
    if (table.TableStatus !== 'CREATING') continue;
    table.TableStatus = 'ACTIVE';
    for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
    await store.db.put(`table~${table.TableName}`, table);
  }
}

async function listTables(store: Store): Promise<Table[]> {
  const tables: Table[] = [];
  for await (const value of store.db.values(keysUnder('table~'))) if (isTable(value)) tables.push(value);
  return tables;
}

function addToIndexes(store: Store, table: Table, item: Item): Promise<void> {
  return new Promise((resolve, reject) => {
    database.updateIndexes(store, table, undefined, item, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

export function indexPrefix(tableName: string, indexName: string): string {
  return `index-global~${tableName}~${indexName}~`;
}

function keysUnder(prefix: string): { readonly gte: string; readonly lt: string } {
  return { gte: prefix, lt: `${prefix}\xff` };
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null;
}

export function isTable(value: unknown): value is Table {
  return isItem(value) && typeof value['TableName'] === 'string' && typeof value['TableStatus'] === 'string';
}
