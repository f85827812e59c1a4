/** The note in the data folder that says where the running system is and how it is controlled. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '../infra/process/process-identity.js';
import { replaceFile } from '../infra/process/replace-file.js';
import { CONTROL_FILE, controlFileSchema, type ControlFile } from '../contracts/control/control-protocol.js';

export async function writeControlFile(folder: string, content: ControlFile): Promise<void> {
  await replaceFile(
    join(folder, CONTROL_FILE),
    `${JSON.stringify(content, undefined, 2)}
`,
  );
}

/** Undefined where the file is missing, cannot be read, or belongs to a system that has ended: other programs may have its ports now. */
export async function readControlFile(folder: string): Promise<ControlFile | undefined> {
  try {
    const found = controlFileSchema.parse(JSON.parse(await readFile(join(folder, CONTROL_FILE), 'utf8')));
    return found.started === undefined || isRunning(found) ? found : undefined;
  } catch {
    return undefined; // nothing runs here, or something of another version
  }
}

export async function removeControlFile(folder: string): Promise<void> {
  await rm(join(folder, CONTROL_FILE), { force: true });
}
