/** The parts of dynalite 4 that we use; it comes without types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** LevelDB folder; in memory where absent. */
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }
  /** Calls `create` of `dynalite/db` once, for the store that the server works on. */
  export default function dynalite(options: Options): Server;
}

declare module 'dynalite/db/index.js' {
  export type Item = Readonly<Record<string, unknown>>;

  export interface Table {
    readonly TableName: string;
    TableStatus: string;
    GlobalSecondaryIndexes?: { IndexStatus: string }[];
  }

  interface KeyRange {
    readonly gte: string;
    readonly lt: string;
  }

  interface EntryOptions {
    readonly gt: string;
    readonly lt: string;
    readonly valueEncoding: 'utf8';
    /** Whether what is read shall push other things out of the cache. */
    readonly fillCache: boolean;
    /** About how much is read at once, at most. */
    readonly highWaterMarkBytes: number;
  }

  interface EntryIterator {
    /** Some entries, fewer than `most` or none at the end. */
    nextv(most: number): Promise<readonly (readonly [key: string, value: string])[]>;
    close(): Promise<void>;
  }

  interface Close {
    (): Promise<void>;
    /** LevelDB's own, after which it can be opened again; dynalite's is for good. */
    readonly _original: () => Promise<void>;
  }

  export interface Database {
    open(): Promise<void>;
    readonly close: Close;
    clear(range: KeyRange): Promise<void>;
    keys(range: KeyRange): AsyncIterable<string>;
    values(range: KeyRange): AsyncIterable<unknown>;
    iterator(options: EntryOptions): EntryIterator;
    put(key: string, value: unknown): Promise<void>;
  }

  export interface Store {
    readonly db: Database;
  }

  interface DatabaseModule {
    create: (options: { readonly path?: string }) => Store;
    updateIndexes(
      store: Store,
      table: Table,
      existingItem: Item | undefined,
      item: Item,
      done: (error?: Error | null) => void,
    ): void;
  }
  const database: DatabaseModule;
  export default database;
}

declare module 'dynalite/actions/deleteItem.js' {
  import type { Store } from 'dynalite/db/index.js';

  interface DeleteItem {
    readonly TableName: string;
    readonly Key: Readonly<Record<string, unknown>>;
    /** By attribute. */
    readonly Expected: Readonly<Record<string, { ComparisonOperator: 'LE'; AttributeValueList: unknown[] }>>;
  }
  /** An error that is the caller's has a `statusCode`. */
  export default function deleteItem(
    store: Store,
    data: DeleteItem,
    done: (error?: (Error & { readonly statusCode?: number }) | null) => void,
  ): void;
}
