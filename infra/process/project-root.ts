/** Where the repository (or its copy in an image) lies, seen from the sources and from `dist/` alike. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot: string = findProjectRoot(dirname(fileURLToPath(import.meta.url)));

function findProjectRoot(folder: string): string {
  if (packageName(folder) === 'boomerang') return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('no package.json of boomerang lies above this file');
  return findProjectRoot(parent);
}

function packageName(folder: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const named = typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : undefined;
    return typeof named === 'string' ? named : undefined;
  } catch {
    return undefined; // none here, or not ours: look further up
  }
}
