/** From what `MODEL` says to a folder that holds the model. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundledModelFolder } from './bundled-model.js';
import { fetchModel, type Hub } from './model-hub.js';

const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/** A folder that exists wins over a hub id that reads the same. */
export async function findModel(model: string | undefined, hub: Hub): Promise<string> {
  if (model === undefined) return bundledModelFolder();
  const folder = resolve(model);
  if (existsSync(folder)) return folder;
  if (HUB_ID.test(model)) return fetchModel(model, hub);
  throw new Error(`there is no folder ${folder}`);
}
