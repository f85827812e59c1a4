/** One experiment at a time on a system: two would break it for each other, and heal what the other broke. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../../contracts/common/text.js';
import { claimFile } from '../../../infra/process/claim-file.js';
import { createPrivateFolder } from '../../../infra/process/private-folder.js';
import { isRunning, ownIdentity } from '../../../infra/process/process-identity.js';
import { CannotRunError } from './steady-state.js';

const NOTE = 'running.json';
const noteSchema = z.object({
  pid: z.int().positive(),
  started: z.string().optional(),
  name: z.string(),
  since: z.iso.datetime(),
});

/**
 * The note of a process that is gone is taken over.
 * @param folder is made where it is missing
 * @returns the way to give it back
 * @throws CannotRunError saying which runs, and since when
 */
export async function claimSystem(folder: string, name: string): Promise<() => Promise<void>> {
  const path = join(folder, NOTE);
  const note: Note = { ...ownIdentity(), name, since: new Date().toISOString() };
  await createPrivateFolder(folder);
  const holder = await claimFile(path, JSON.stringify(note), isHeld);
  if (holder === undefined) return () => rm(path, { force: true });
  const other = readNote(holder);
  throw new CannotRunError(
    `${other?.name ?? 'another experiment'} runs on this system since ${other?.since ?? 'just now'} ` +
      `(process ${other?.pid ?? 'unknown'}): wait for its end, or give this one a system of its own with --start ` +
      `(if that process has nothing to do with it, delete ${path})`,
  );
}

type Note = z.infer<typeof noteSchema>;

function isHeld(content: string): boolean {
  const note = readNote(content);
  return note !== undefined && isRunning(note);
}

function readNote(content: string): Note | undefined {
  return noteSchema.safeParse(parseJson(content)).data;
}
