/** The note in the data folder that says where the running system is and how it is controlled. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROL_FILE, controlFileSchema, type ControlFile } from './control-protocol.js';

const OWNER_ONLY = 0o600;

/** Nobody ever reads half of it. */
export async function writeControlFile(folder: string, content: ControlFile): Promise<void> {
  const path = join(folder, CONTROL_FILE);
  const beside = `${path}.${content.pid}.tmp`;
  await rm(beside, { force: true }); // a mode is given to new files only
  await writeFile(beside, `${JSON.stringify(content, undefined, 2)}\n`, { mode: OWNER_ONLY });
  await rename(beside, path);
}

/** Nothing where there is none, or none that can be read. */
export async function readControlFile(folder: string): Promise<ControlFile | undefined> {
  try {
    return controlFileSchema.parse(JSON.parse(await readFile(join(folder, CONTROL_FILE), 'utf8')));
  } catch {
    return undefined; // nothing runs here, or something of another version
  }
}

export async function removeControlFile(folder: string): Promise<void> {
  await rm(join(folder, CONTROL_FILE), { force: true });
}
