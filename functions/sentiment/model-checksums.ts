/** SHA256SUMS of a model's folder, as `sha256sum` writes and checks it: what lies there is what was put there. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const CHECKSUMS_FILE = 'SHA256SUMS';
const LINE = /^([0-9a-f]{64}) [ *]([\w-][\w./-]*)$/;

/**
 * Checked before anything of the model is parsed.
 * @returns the files that were checked, none where the folder has no such list
 * @throws naming the file that is damaged or missing
 */
export async function verifyModel(folder: string): Promise<readonly string[]> {
  const list = await readFile(join(folder, CHECKSUMS_FILE), 'utf8').catch(whereMissing);
  if (list === undefined) return [];
  const entries = list.trim().split(/\r?\n/).map(parseLine);
  await Promise.all(entries.map(([checksum, file]) => verifyFile(folder, file, checksum)));
  return entries.map(([, file]) => file);
}

/** Writes the checksums of what was just downloaded, so that what happens to it later is noticed. */
export async function writeChecksums(folder: string, files: readonly string[]): Promise<void> {
  const lines = await Promise.all(
    files.map(async (file) => `${await checksumOf(join(folder, file))}  ${file}\n`),
  );
  const path = join(folder, CHECKSUMS_FILE);
  const beside = `${path}.${process.pid}.tmp`;
  await writeFile(beside, lines.join(''));
  await rename(beside, path);
}

function parseLine(line: string): readonly [checksum: string, file: string] {
  const [, checksum = '', file = ''] = LINE.exec(line) ?? [];
  if (file === '' || file.split('/').includes('..'))
    throw new Error(`its ${CHECKSUMS_FILE} has a line that is none: ${line.slice(0, 100)}`);
  return [checksum, file];
}

async function verifyFile(folder: string, file: string, expected: string): Promise<void> {
  const found = await checksumOf(join(folder, file));
  if (found === expected) return;
  throw new Error(
    `${file} is damaged: its SHA-256 is ${found.slice(0, 12)}…, not ${expected.slice(0, 12)}… as ${CHECKSUMS_FILE} says`,
  );
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

function whereMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
