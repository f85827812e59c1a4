/** The LevelDB folder of the embedded DynamoDB, opened without a server: to see whether it is ours, and to mend it. */
import database, { type Store } from 'dynalite/db/index.js';

export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';

  constructor(folder: string, cause: unknown) {
    super(`${folder} is in use by another process: stop that one, or choose another folder`, { cause });
  }
}

/** dynalite itself notices a foreign lock at its first request only, and dies of it: look before it starts. */
export async function withDynamoFolder(folder: string, use: (store: Store) => Promise<void>): Promise<void> {
  const store = database.create({ path: folder });
  try {
    await store.db.open();
  } catch (error) {
    throw isLocked(error) ? new FolderInUseError(folder, error) : error;
  }
  try {
    await use(store);
  } finally {
    await store.db.close();
  }
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}
