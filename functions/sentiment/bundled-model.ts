/** Where the model lies that comes with the repository: beside the sources, also when this runs from `dist/`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = join('functions', 'sentiment', 'model');

export function bundledModelFolder(from = dirname(fileURLToPath(import.meta.url))): string {
  const folder = join(from, FOLDER);
  if (existsSync(join(folder, 'config.json'))) return folder;
  const parent = dirname(from);
  if (parent === from) throw new Error(`the bundled model is missing: there is no ${FOLDER}`);
  return bundledModelFolder(parent);
}
