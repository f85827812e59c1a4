/** From what `MODEL` says to a folder that holds the model. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundledModelFolder } from './bundled-model.js';
import { parseHubModel } from './hub-model.js';
import { fetchModel, type Hub } from './model-hub.js';

/** A folder that exists wins over a hub id that reads the same. */
export async function findModel(model: string | undefined, hub: Hub): Promise<string> {
  if (model === undefined) return bundledModelFolder();
  const folder = resolve(model);
  if (existsSync(folder)) return folder;
  const hubModel = parseHubModel(model);
  if (hubModel !== undefined) return fetchModel(hubModel, hub);
  throw new Error(`there is no folder ${folder}`);
}
