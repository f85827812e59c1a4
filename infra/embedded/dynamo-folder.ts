/** The LevelDB folder of the embedded DynamoDB, opened without a server: to see whether it is ours and sound, and to mend it. */
import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import database, { type Store } from 'dynalite/db/index.js';
import { expectFiles, explainFolderError, FolderError } from '../process/private-folder.js';

export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';

  constructor(folder: string, cause: unknown) {
    super(`${folder} is in use by another process: stop that one, or choose another folder`, { cause });
  }
}

/** LevelDB cannot make sense of its own files: a power cut, a disk that lost some, or a hand that deleted one. */
export class DamagedFolderError extends Error {
  override readonly name = 'DamagedFolderError';

  constructor(folder: string, cause: unknown) {
    super(`${folder} is damaged: ${causeOf(cause).message}`, { cause });
  }
}

/** LevelDB's own files: its log, its tables, and what it says of them. */
const LEVEL_FILE = /^(\d+\.(log|ldb|sst)|MANIFEST-\d+|CURRENT|LOCK|LOG(\.old)?|lost)$/;
/** Checks a folder that was in use: what LevelDB would delete without a word where `CURRENT` is missing. */
const CONTENT_FILE = /^\d+\.(log|ldb|sst)$/;
const ANY_KEY = ['', '\uffff'] as const;

/**
 * dynalite itself notices a foreign lock at its first request only, and dies of it: look before it starts.
 * @throws FolderInUseError, DamagedFolderError, FolderError
 */
export async function withDynamoFolder(folder: string, use: (store: Store) => Promise<void>): Promise<void> {
  await checkFolder(folder);
  const store = database.create({ path: folder });
  try {
    await store.db.open();
    await use(store);
  } catch (error) {
    throw explain(folder, error);
  } finally {
    await store.db.close();
  }
}

async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder);
  const foreign = names.filter((name) => !LEVEL_FILE.test(name));
  if (foreign.length > 0 && foreign.length === names.length) {
    throw new FolderError(
      `${folder} is no folder of tables: it holds ${foreign.slice(0, 3).join(', ')}. Way out: choose another folder`,
    );
  }
  await expectFiles(folder, (name) => name !== 'lost' && LEVEL_FILE.test(name));
  const hasContent = names.some((name) => CONTENT_FILE.test(name));
  const level = new ClassicLevel(folder, { createIfMissing: !hasContent });
  try {
    await level.open();
  } catch (error) {
    if (hasContent && /does not exist \(create_if_missing/.test(causeOf(error).message)) {
      throw new DamagedFolderError(folder, new Error('its file CURRENT is missing'));
    }
    throw explain(folder, error);
  } finally {
    await level.close();
  }
}

/**
 * Lets LevelDB build its books anew from the tables and logs that are there. What it cannot read goes into its folder
 * `lost`; how all was before stays beside it.
 * @returns where
 */
export async function repairDynamoFolder(folder: string): Promise<string> {
  const backup = `${folder}-before-repair`;
  try {
    await linkFiles(folder, backup);
    await ClassicLevel.repair(folder);
    const level = new ClassicLevel(folder);
    await level.open();
    // A repair forgets which tables are the newer ones; until they are one, a read might find an old value.
    await level.compactRange(...ANY_KEY);
    await level.close();
    return backup;
  } catch (error) {
    throw new FolderError(
      `${folder} is damaged, and LevelDB cannot mend it: ${causeOf(error).message}. Way out: move it away and start ` +
        `again, with empty tables (--fresh), or choose another folder. How it was before lies in ${backup}`,
      { cause: error },
    );
  }
}

/** LevelDB never changes a table, and a repair no log, so links are as good as copies and take no room. */
async function linkFiles(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { mode: 0o700 });
  for (const name of await readdir(from)) {
    if (!LEVEL_FILE.test(name) || name === 'LOCK' || name === 'lost') continue;
    await link(join(from, name), join(to, name)).catch(() => copyFile(join(from, name), join(to, name)));
  }
}

function explain(folder: string, error: unknown): Error {
  const cause = causeOf(error);
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'LEVEL_LOCKED') return new FolderInUseError(folder, error);
  if (isDamage(cause)) return new DamagedFolderError(folder, cause);
  if (code === 'LEVEL_IO_ERROR') return explainFolderError(folder, cause);
  return error instanceof Error ? error : new Error(String(error));
}

/** Unlike a disk that is full, or a limit that is reached, it will not pass. */
export function isDamage(error: unknown): boolean {
  const cause = causeOf(error);
  const code = 'code' in cause ? cause.code : undefined;
  return (
    code === 'LEVEL_CORRUPTION' ||
    (code === 'LEVEL_IO_ERROR' && /no such file|invalid argument|end of file/i.test(cause.message))
  );
}

/** LevelDB's own words stand in the cause where it could not open. */
function causeOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? error.cause : error;
}
