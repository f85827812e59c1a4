/** Which stack is watched: the one that was named, else that of the system on the data folder, else the usual one. */
import { SettingsError } from '../../contracts/errors.js';
import { readControlFile } from '../up/control-file.js';
import type { MonitorConfig } from './config.js';
import { isSamePlace } from './control.js';

export type StackChoice = Pick<
  MonitorConfig,
  'endpointSqs' | 'endpointDynamodb' | 'live' | 'dataFolder' | 'isFolderNamed' | 'usualEndpoint' | 'region'
>;

export type FoundStack = Pick<MonitorConfig, 'endpointSqs' | 'endpointDynamodb' | 'region'>;

/** Where nobody said: where the system on the data folder has its stack. The region is that system's, where it is its stack. */
export async function findStack(config: StackChoice): Promise<FoundStack> {
  const { endpointSqs, endpointDynamodb, live, dataFolder, isFolderNamed } = config;
  if (live) return { endpointSqs, endpointDynamodb, region: config.region };
  const system = await readControlFile(dataFolder);
  if (endpointSqs !== undefined && endpointDynamodb !== undefined) {
    const isItsOwn = isSamePlace(endpointSqs, system?.stackUrl ?? '');
    const region = (isItsOwn ? system?.region : undefined) ?? config.region;
    return { endpointSqs, endpointDynamodb, region };
  }
  if (system === undefined && isFolderNamed) {
    throw new SettingsError(
      `nothing runs on ${dataFolder}: start a system with npm start, name its data folder with --data, or a stack with --endpoint`,
    );
  }
  const found = system?.stackUrl ?? config.usualEndpoint;
  return {
    endpointSqs: endpointSqs ?? found,
    endpointDynamodb: endpointDynamodb ?? found,
    region: system?.region ?? config.region,
  };
}
