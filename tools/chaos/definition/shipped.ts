/** The experiments that come with the product. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../../infra/process/project-root.js';
import { readExperiment } from './read-experiment.js';
import type { Experiment } from './schema.js';

export const SHIPPED_FOLDER = join(projectRoot, 'tools', 'chaos', 'experiments');

export interface ShippedExperiment {
  readonly name: string;
  readonly file: string;
  readonly experiment: Experiment;
}

export async function listShipped(): Promise<readonly ShippedExperiment[]> {
  const files = (await readdir(SHIPPED_FOLDER)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (name) => {
      const file = join(SHIPPED_FOLDER, name);
      const experiment = readExperiment(file, await readFile(file, 'utf8'));
      return { name: name.replace(/\.yaml$/, ''), file, experiment };
    }),
  );
}

/** The shipped experiment of that name, else the file of that name. */
export async function findExperiment(nameOrFile: string): Promise<string> {
  const shipped = (await listShipped()).find(({ name }) => name === nameOrFile);
  return shipped?.file ?? nameOrFile;
}
