/** dynalite's server together with the store that it works on, which dynalite keeps to itself. */
import type { Server } from 'node:http';
import dynalite from 'dynalite';
import database, { type Store } from 'dynalite/db/index.js';

const TABLES_AT_ONCE = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };

export interface DynamoServer {
  readonly server: Server;
  readonly store: Store;
}

/** @param path the LevelDB folder; in memory where absent */
export function createDynamoServer(path: string | undefined): DynamoServer {
  const create = database.create;
  let created: Store | undefined;
  database.create = (options) => (created = create(options));
  try {
    const server = dynalite(path === undefined ? TABLES_AT_ONCE : { ...TABLES_AT_ONCE, path });
    if (created === undefined) throw new Error('dynalite made no store');
    return { server, store: created };
  } finally {
    database.create = create;
  }
}
