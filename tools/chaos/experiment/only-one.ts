/** One experiment at a time on a system: two would break it for each other, and heal what the other broke. */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../up/data-folder.js';
import { CannotRunError } from './steady-state.js';

const NOTE = 'running.json';
const noteSchema = z.object({ pid: z.int().positive(), name: z.string(), since: z.iso.datetime() });
const TRIES = 3;

/**
 * The note of a process that is gone is taken over.
 * @param folder is made where it is missing
 * @returns the way to give it back
 * @throws CannotRunError saying which runs, and since when
 */
export async function claimSystem(folder: string, name: string): Promise<() => Promise<void>> {
  const path = join(folder, NOTE);
  const beside = `${path}.${process.pid}.tmp`;
  await mkdir(folder, { recursive: true });
  await writeFile(
    beside,
    JSON.stringify({ pid: process.pid, name, since: new Date().toISOString() } satisfies Note),
  );
  try {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      // Whole at once, and only where there is none.
      if (await linked(beside, path)) return () => rm(path, { force: true });
      await removeIfStale(path);
    }
    throw new CannotRunError(`${path} comes back: another experiment is just beginning on this system`);
  } finally {
    await rm(beside, { force: true });
  }
}

type Note = z.infer<typeof noteSchema>;

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** @throws CannotRunError where it is not */
async function removeIfStale(path: string): Promise<void> {
  const note = await readNote(path);
  if (note !== undefined && isAlive(note.pid)) {
    throw new CannotRunError(
      `${note.name} runs on this system since ${note.since} (process ${note.pid}): wait for its end, or give this one ` +
        `a system of its own with --start (if that process has nothing to do with it, delete ${path})`,
    );
  }
  await rm(path, { force: true });
}

async function readNote(path: string): Promise<Note | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // gone by now, or none of ours
  }
}
