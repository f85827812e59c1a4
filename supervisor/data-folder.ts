/** The folder that data lie in. Two copies on it would break each other, so a note says which process has it. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimFile } from '../infra/process/claim-file.js';
import { createPrivateFolder, makeFolderPrivate } from '../infra/process/private-folder.js';
import { isRunning, ownIdentity, type ProcessIdentity } from '../infra/process/process-identity.js';
import { CONTROL_FILE } from '../contracts/control/control-protocol.js';

/** Within the data folder; everything that the stack keeps lies in it. */
export const STACK_DATA_FOLDER = 'stack';
/** Within the data folder; where live faults outlast the workers that they kill. */
export const FAULTS_FOLDER = 'faults';
const NOTE = 'supervisor.pid';
/** The entries of a data folder. Experiments write their reports to the last one. */
const OWN_ENTRIES = [NOTE, CONTROL_FILE, STACK_DATA_FOLDER, FAULTS_FOLDER, 'chaos'];
/** Every root of an ext4 file system has this folder. */
const LOST_AND_FOUND = 'lost+found';

export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** Deletes what the stack stored in its own subfolder and nothing else. */
export async function emptyData(folder: string, subfolder: string): Promise<void> {
  const owner = await findSupervisorOf(folder);
  if (owner !== undefined) {
    throw new DataFolderError(
      `${folder} is in use by process ${owner}: stop that first, or choose another folder with --data`,
    );
  }
  await emptyFolder(folder, subfolder);
}

/** For its owner, who knows that nobody uses it. */
export async function emptyFolder(folder: string, subfolder: string): Promise<void> {
  await rm(join(folder, subfolder), { recursive: true, force: true });
}

/**
 * Makes the folder, for its owner alone.
 * @throws FolderError where it cannot be used
 * @throws DataFolderError where it holds something else
 */
export async function prepareDataFolder(folder: string): Promise<void> {
  await createPrivateFolder(folder);
  await requireOwnFolder(folder);
  await makeFolderPrivate(folder, OWN_ENTRIES);
}

/** Leaves the note of another copy alone. @returns whether the folder is ours. */
export async function claimDataFolder(folder: string): Promise<boolean> {
  await prepareDataFolder(folder);
  const { pid, started } = ownIdentity();
  const content = started === undefined ? `${pid}\n` : `${pid} ${started}\n`;
  const holder = await claimFile(join(folder, NOTE), content, (note) => isHeld(note));
  return holder === undefined || holder === content;
}

export async function releaseDataFolder(folder: string): Promise<void> {
  const owner = await readOwner(folder);
  if (owner?.pid === process.pid && isRunning(owner)) await rm(join(folder, NOTE), { force: true });
}

/** The other supervisor that runs on that folder, if one does; a process that only got its number is none. */
export async function findSupervisorOf(folder: string): Promise<number | undefined> {
  const owner = await readOwner(folder);
  return owner !== undefined && owner.pid !== process.pid && runs(owner) ? owner.pid : undefined;
}

/** Tightening the rights of somebody's other files, or spreading among them, is not ours to do. */
async function requireOwnFolder(folder: string): Promise<void> {
  const entries = (await readdir(folder)).filter((name) => name !== LOST_AND_FOUND && !name.startsWith('.'));
  if (entries.length === 0 || entries.some((name) => OWN_ENTRIES.includes(name))) return;
  throw new DataFolderError(
    `${folder} is no data folder of Boomerang: it holds ${entries.slice(0, 3).join(', ')}` +
      `${entries.length > 3 ? ', …' : ''}. Choose an empty one with --data`,
  );
}

function isHeld(note: string): boolean {
  const owner = parseOwner(note);
  return owner !== undefined && runs(owner);
}

/** A note of before this version says nothing but a number. */
function runs(owner: ProcessIdentity): boolean {
  return isRunning(owner) && (owner.started !== undefined || isSupervisor(owner.pid));
}

function isSupervisor(processId: number): boolean {
  try {
    return /\bup\/main\.[jt]s\b/.test(readFileSync(`/proc/${processId}/cmdline`, 'utf8'));
  } catch {
    return false; // gone, or a system without /proc: then its ports and its lock tell
  }
}

async function readOwner(folder: string): Promise<ProcessIdentity | undefined> {
  try {
    return parseOwner(await readFile(join(folder, NOTE), 'utf8'));
  } catch {
    return undefined; // no note, no owner
  }
}

function parseOwner(note: string): ProcessIdentity | undefined {
  const [, pid, started] = /^(\d+)(?: (\S+))?\s*$/.exec(note) ?? [];
  return pid === undefined || Number(pid) === 0 ? undefined : { pid: Number(pid), started };
}
