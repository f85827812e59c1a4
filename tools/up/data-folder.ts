/** The folder that data lie in. Emptying it under a copy that runs would break that one, so a note says who runs. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NOTE = 'supervisor.pid';

export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** Deletes what the stack stored in its own subfolder and nothing else. */
export async function emptyData(folder: string, subfolder: string): Promise<void> {
  const owner = await readOtherOwner(folder);
  if (owner !== undefined) {
    throw new DataFolderError(
      `${folder} is in use by process ${owner}: stop that first, or choose another folder with --data ` +
        `(if that process has nothing to do with it, delete ${join(folder, NOTE)})`,
    );
  }
  await emptyFolder(folder, subfolder);
}

/** For its owner, who knows that nobody uses it. */
export async function emptyFolder(folder: string, subfolder: string): Promise<void> {
  await rm(join(folder, subfolder), { recursive: true, force: true });
}

/**
 * Leaves the note of another copy alone: the stack's lock, which no kill can leave behind, is what refuses us.
 * @returns whether the folder is ours.
 */
export async function claimDataFolder(folder: string): Promise<boolean> {
  if ((await readOtherOwner(folder)) !== undefined) return false;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, NOTE), `${process.pid}\n`);
  return true;
}

export async function releaseDataFolder(folder: string): Promise<void> {
  if ((await readOwner(folder)) === process.pid) await rm(join(folder, NOTE), { force: true });
}

/** The supervisor that runs on that folder, if one does; a process that only got its number is none. */
export async function findSupervisorOf(folder: string): Promise<number | undefined> {
  const owner = await readOtherOwner(folder);
  return owner !== undefined && (await isSupervisor(owner)) ? owner : undefined;
}

async function isSupervisor(processId: number): Promise<boolean> {
  try {
    return /\bup\/main\.[jt]s\b/.test(await readFile(`/proc/${processId}/cmdline`, 'utf8'));
  } catch {
    return false; // gone, or a system without /proc: then its ports and its lock tell
  }
}

async function readOtherOwner(folder: string): Promise<number | undefined> {
  const owner = await readOwner(folder);
  return owner !== undefined && owner !== process.pid && isAlive(owner) ? owner : undefined;
}

async function readOwner(folder: string): Promise<number | undefined> {
  try {
    const noted = Number.parseInt(await readFile(join(folder, NOTE), 'utf8'), 10);
    return noted > 0 ? noted : undefined;
  } catch {
    return undefined; // no note, no owner
  }
}

export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
