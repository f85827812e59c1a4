/**
 * A file that says who has something. It is whole from its first moment, one of many that claim at once gets it, and the
 * claim of a process that is gone counts no more.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Each try but the last met somebody who claimed or gave back in that moment. */
const MAX_TRIES = 500;
const BETWEEN_TRIES_MS = 10;

/**
 * @param isHeld whether whoever wrote such a content still has the file
 * @returns nothing where it is ours now, else what its holder wrote
 */
export async function claimFile(
  path: string,
  content: string,
  isHeld: (content: string) => boolean,
): Promise<string | undefined> {
  const beside = `${path}.${randomUUID()}.tmp`;
  await writeFile(beside, content, { mode: 0o600 });
  try {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      if (await linked(beside, path)) return undefined;
      const found = await readText(path);
      if (found !== undefined && isHeld(found)) return found;
      if (found !== undefined && !(await removeStale(path, found, content, isHeld)))
        await pause(BETWEEN_TRIES_MS);
    }
    throw new Error(`${path} is claimed and given back all the time`);
  } finally {
    await rm(beside, { force: true });
  }
}

/**
 * One at a time, or the second of two who found the same dead claim would remove the fresh one of the first.
 * @returns whether it was our turn
 */
async function removeStale(
  path: string,
  stale: string,
  content: string,
  isHeld: (content: string) => boolean,
): Promise<boolean> {
  const turn = `${path}.takeover`;
  if ((await claimFile(turn, content, isHeld)) !== undefined) return false;
  try {
    if ((await readText(path)) === stale) await rm(path, { force: true });
    return true;
  } finally {
    await rm(turn, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
