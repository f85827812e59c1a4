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

  export interface Database {
    open(): Promise<void>;
    close(): Promise<void>;
    clear(range: KeyRange): Promise<void>;
    keys(range: KeyRange): AsyncIterable<string>;
    values(range: KeyRange): AsyncIterable<unknown>;
    put(key: string, value: unknown): Promise<void>;
  }

  export interface Store {
    readonly db: Database;
  }

  interface DatabaseModule {
    create(options: { readonly path: string }): Store;
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
