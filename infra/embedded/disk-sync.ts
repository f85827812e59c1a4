/**
 * Brings what LevelDB has written to the disk. LevelDB hands each write to the kernel, as a record of its log, and leaves
 * it there; its tables and the list of them it syncs itself. When a log is full, LevelDB begins the next one and turns the
 * old one into a table in the background: until that is done the old log has to be synced as well, which a synced write
 * to the new one does not do. So all logs are synced here, not through LevelDB, whose writers would wait meanwhile.
 */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

const LOG_FILE = /^\d+\.log$/;

export class DiskSync {
  readonly #folder: string;
  /** Logs that the folder itself is known to hold on the disk. */
  #known: ReadonlySet<string> = new Set();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All that was written before the call is on the disk when it resolves. */
  async sync(): Promise<void> {
    const logs = (await readdir(this.#folder)).filter((name) => LOG_FILE.test(name));
    await Promise.all(logs.map((name) => syncFile(join(this.#folder, name))));
    if (logs.some((name) => !this.#known.has(name))) await syncFolder(this.#folder);
    this.#known = new Set(logs);
  }
}

/** Syncs what was made, renamed or deleted in it. */
export async function syncFolder(folder: string): Promise<void> {
  await withFile(folder, (file) => file.sync());
}

async function syncFile(path: string): Promise<void> {
  try {
    await withFile(path, (file) => file.datasync());
  } catch (error) {
    const isTableByNow = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isTableByNow) throw error;
  }
}

async function withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r');
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
