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

declare module 'dynalite/actions/createTable.js' {
  import type { Store } from 'dynalite/db/index.js';

  export interface CreateTableInput {
    readonly TableName: string;
  }
  /** Changes its input, and writes the table once more, as `ACTIVE`, a moment after it is done. */
  export default function createTable(
    store: Store,
    input: CreateTableInput,
    done: (error?: Error | null) => void,
  ): void;
}

declare module 'dynalite/db/index.js' {
  export type Item = Readonly<Record<string, unknown>>;

  interface Index {
    readonly IndexName: string;
    IndexStatus: string;
  }

  export interface Table {
    readonly TableName: string;
    TableStatus: string;
    GlobalSecondaryIndexes?: Index[];
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
    get(key: string): Promise<unknown>;
    put(key: string, value: unknown): Promise<void>;
    batch(operations: readonly { readonly type: 'del'; readonly key: string }[]): Promise<void>;
    /** Bytes on the disk, deleted ones included. LevelDB's alone: not where all is in memory. */
    approximateSize?(start: string, end: string): Promise<number>;
    /** Gives back the room of what was deleted. LevelDB's alone. */
    compactRange?(start: string, end: string): Promise<void>;
  }

  interface ItemDatabase {
    /** The lock of one table. Its user calls what `release` returns when it is done. */
    lock(keys: readonly string[], use: (release: (done: () => void) => () => void) => void): void;
  }

  export interface Store {
    readonly db: Database;
    getItemDb(tableName: string): ItemDatabase;
  }

  interface DatabaseModule {
    create: (options: { readonly path?: string }) => Store;
    getIndexActions(
      indexes: readonly Index[],
      existingItem: Item,
      item: Item | null,
      table: Table,
    ): { readonly deletes: readonly { readonly index: string; readonly key: string }[] };
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
