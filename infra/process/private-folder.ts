/** A folder for nobody but its owner, and in plain words why it cannot be used. */
import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../contracts/common/text.js';

/** The message names the folder, the cause and a way out. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

const OTHERS = 0o077;
const OWNER_FOLDER = 0o700;
const OWNER_FILE = 0o600;

/** Makes the folder where it is missing. @throws FolderError */
export async function createPrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: OWNER_FOLDER });
    if (!(await lstat(folder)).isDirectory()) await readdir(folder); // a link to a folder is as good
  } catch (error) {
    throw explainFolderError(folder, error);
  }
}

/**
 * Takes from others what an earlier version, or another umask, let them read in the folder's entries of those names.
 * @throws FolderError where something in it is not ours to use
 */
export async function makeFolderPrivate(folder: string, names: readonly string[]): Promise<void> {
  await makeEntryPrivate(folder);
  const present = new Set(await readdir(folder));
  for (const name of names) if (present.has(name)) await makeTreePrivate(join(folder, name));
}

async function makeTreePrivate(path: string): Promise<void> {
  if (!(await makeEntryPrivate(path))) return;
  for (const name of await readdir(path)) await makeTreePrivate(join(path, name));
}

/** @returns whether it is a folder */
async function makeEntryPrivate(path: string): Promise<boolean> {
  try {
    const { mode, uid } = await lstat(path);
    const isFolder = (mode & constants.S_IFMT) === constants.S_IFDIR;
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!isFolder && !isFile) return false;
    await access(path, constants.R_OK | constants.W_OK | (isFolder ? constants.X_OK : 0));
    const isOurs = uid === process.getuid?.();
    if (isOurs && (mode & OTHERS) !== 0) await chmod(path, isFolder ? OWNER_FOLDER : OWNER_FILE);
    return isFolder;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false; // gone by now
    throw explainFolderError(path, error, await ownerOf(path));
  }
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).uid;
  } catch {
    return undefined; // it lies where we may not even look
  }
}

/** @throws FolderError where one of the folder's entries of those names is a folder itself */
export async function expectFiles(folder: string, isFileName: (name: string) => boolean): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isFileName(entry.name)) continue;
    throw explainFolderError(
      join(folder, entry.name),
      Object.assign(new Error('EISDIR'), { code: 'EISDIR' }),
    );
  }
}

/** LevelDB tells no code, but the system's own words. */
const CAUSES: readonly {
  readonly code: string;
  readonly words: RegExp;
  readonly cause: string;
  readonly wayOut: string;
}[] = [
  {
    code: 'ENOSPC',
    words: /no space left on device/i,
    cause: 'the disk is full',
    wayOut: 'make room on it, or choose another folder',
  },
  {
    code: 'EDQUOT',
    words: /disk quota exceeded/i,
    cause: 'the quota of this user is used up',
    wayOut: 'make room, or choose another folder',
  },
  {
    code: 'EROFS',
    words: /read-only file system/i,
    cause: 'its file system is read-only',
    wayOut: 'mount it for writing, or choose another folder',
  },
  {
    code: 'ENOTDIR',
    words: /not a directory/i,
    cause: 'it, or something on the way to it, is a file',
    wayOut: 'choose another folder',
  },
  {
    code: 'ENOENT',
    words: /no such file/i,
    cause: 'it, or what it links to, is not there',
    wayOut: 'make that folder, remove the link, or choose another folder',
  },
  {
    code: 'EISDIR',
    words: /is a directory/i,
    cause: 'it is a folder where a file belongs',
    wayOut: 'move it away, or choose another folder',
  },
  {
    code: 'EEXIST',
    words: /file exists/i,
    cause: 'it is a file',
    wayOut: 'choose another folder',
  },
  {
    code: 'EMFILE',
    words: /too many open files/i,
    cause: 'this process may open no more files',
    wayOut: 'raise the limit (ulimit -n)',
  },
  {
    code: 'EIO',
    words: /input\/output error/i,
    cause: 'the disk fails to read or write',
    wayOut: 'look into the system’s log, or choose another folder',
  },
];
const DENIED = /permission denied|operation not permitted/i;

/** @param ownerId of what could not be used, where that is known */
export function explainFolderError(path: string, error: unknown, ownerId?: number): FolderError {
  const detail = messageOf(error);
  const options = { cause: error };
  if (hasCode(error, 'EACCES') || hasCode(error, 'EPERM') || DENIED.test(detail)) {
    const own = process.getuid?.();
    const whose = ownerId === undefined || ownerId === own ? '' : `: it belongs to ${describeUser(ownerId)}`;
    return new FolderError(
      `${path} cannot be used: permission denied${whose}. ` +
        `Give it back (sudo chown -R "$(id -un)" FOLDER, chmod -R u+rwX FOLDER), or choose another folder`,
      options,
    );
  }
  const known = CAUSES.find(({ code, words }) => hasCode(error, code) || words.test(detail));
  if (known === undefined) return new FolderError(`${path} cannot be used: ${detail}`, options);
  return new FolderError(`${path} cannot be used: ${known.cause}. Way out: ${known.wayOut}`, options);
}

/** A disk, or a quota, that is full. */
export function isOutOfRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isRoom = CAUSES.some(
    ({ code, words }) =>
      (code === 'ENOSPC' || code === 'EDQUOT') && (hasCode(error, code) || words.test(error.message)),
  );
  return isRoom || isOutOfRoom(error.cause);
}

function describeUser(id: number): string {
  return id === 0 ? 'root (a run with sudo?)' : `the user ${id}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
