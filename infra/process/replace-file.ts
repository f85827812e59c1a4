/** A small file written whole, for its owner alone: whoever reads it finds the old content or the new, after a power cut too. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

export async function replaceFile(path: string, content: string): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.datasync(); // a rename that reaches the disk before its content would leave an empty file
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
