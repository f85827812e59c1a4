/** Items whose time to live is over, found piece by piece in dynalite's store, and deleted as a client would. */
import deleteItem from 'dynalite/actions/deleteItem.js';
import type { Item, Store } from 'dynalite/db/index.js';
import { z } from 'zod';
import { resources } from '../resources/resources.js';

/** A table whose items say when they expire, in epoch seconds. */
export interface ExpiringTable {
  readonly name: string;
  readonly keyAttributes: readonly string[];
  readonly expiryAttribute: string;
}

export const expiringTables: readonly ExpiringTable[] = Object.values(resources.tables).flatMap(
  ({ createTable, updateTimeToLive }) =>
    updateTimeToLive === undefined
      ? []
      : {
          name: createTable.TableName,
          keyAttributes: createTable.KeySchema.map(({ AttributeName }) => AttributeName),
          expiryAttribute: updateTimeToLive.TimeToLiveSpecification.AttributeName,
        },
);

export interface Piece {
  readonly expired: readonly Item[];
  /** Of the last entry that was looked at; nothing follows where it is absent. */
  readonly lastKey?: string;
}

/** What is read at once is decoded at once: a millisecond's worth. */
const BYTES_A_PIECE = 256 * 1024;

const itemSchema = z.record(z.string(), z.unknown());

/** Looks at the next `most` items after `key`, as text: only what has expired is parsed. */
export async function readPiece(
  store: Store,
  table: ExpiringTable,
  key: string | undefined,
  most: number,
  nowSeconds: number,
): Promise<Piece> {
  const prefix = `item-${table.name}~`;
  const iterator = store.db.iterator({
    gt: key ?? prefix,
    lt: `${prefix}\xff`,
    valueEncoding: 'utf8',
    fillCache: false,
    highWaterMarkBytes: BYTES_A_PIECE,
  });
  try {
    const entries = await iterator.nextv(most);
    const expired = entries
      .filter(([, json]) => expirySeconds(json, table.expiryAttribute) <= nowSeconds)
      .map(([, json]) => itemSchema.parse(JSON.parse(json)));
    const lastKey = entries.at(-1)?.[0];
    return { expired, ...(lastKey === undefined ? {} : { lastKey }) };
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

/** With its index entries, and only if it is still expired. @returns whether it was deleted */
export function deleteExpired(
  store: Store,
  table: ExpiringTable,
  item: Item,
  nowSeconds: number,
): Promise<boolean> {
  const call = {
    TableName: table.name,
    Key: Object.fromEntries(table.keyAttributes.map((name) => [name, item[name]])),
    Expected: {
      [table.expiryAttribute]: {
        ComparisonOperator: 'LE' as const,
        AttributeValueList: [{ N: String(nowSeconds) }],
      },
    },
  };
  return new Promise((resolve, reject) => {
    deleteItem(store, call, (error) => {
      const wasRenewed = error?.statusCode === 400;
      if (error && !wasRenewed) reject(error);
      else resolve(!wasRenewed);
    });
  });
}
