/** Which stack is watched: the one that was named, else that of the system on the data folder, else the usual one. */
import { SettingsError } from '../../contracts/errors/errors.js';
import { readControlFile } from '../../supervisor/control-file.js';
import type { ControlFile } from '../../contracts/control/control-protocol.js';
import type { MonitorConfig } from './config.js';
import { isSameEndpoint } from './control.js';

export type StackChoice = Pick<
  MonitorConfig,
  'endpointSqs' | 'endpointDynamodb' | 'live' | 'dataFolder' | 'isFolderNamed' | 'defaultEndpoint' | 'region'
> &
  Partial<Pick<MonitorConfig, 'stackAccessKeyId'>>;

export interface FoundStack extends Pick<MonitorConfig, 'endpointSqs' | 'endpointDynamodb' | 'region'> {
  /** The access key of the stack, where it is known. */
  readonly accessKeyId?: string;
}

/** Where nobody said: where the system on the data folder has its stack. Region and access key are that system's, where it is its stack. */
export async function findStack(config: StackChoice): Promise<FoundStack> {
  const { endpointSqs, endpointDynamodb, live, dataFolder, isFolderNamed } = config;
  if (live) return { endpointSqs, endpointDynamodb, region: config.region };
  const system = await readControlFile(dataFolder);
  if (endpointSqs !== undefined && endpointDynamodb !== undefined) {
    const isItsOwn = isSameEndpoint(endpointSqs, system?.stackUrl ?? '');
    const region = (isItsOwn ? system?.region : undefined) ?? config.region;
    return { endpointSqs, endpointDynamodb, region, ...accessKeyOf(isItsOwn ? system : undefined, config) };
  }
  if (system === undefined && isFolderNamed) {
    throw new SettingsError(
      `nothing runs on ${dataFolder}: start a system with npm start, name its data folder with --data, or a stack with --endpoint`,
    );
  }
  const found = system?.stackUrl ?? config.defaultEndpoint;
  return {
    endpointSqs: endpointSqs ?? found,
    endpointDynamodb: endpointDynamodb ?? found,
    region: system?.region ?? config.region,
    ...accessKeyOf(system, config),
  };
}

function accessKeyOf(system: ControlFile | undefined, config: StackChoice): Pick<FoundStack, 'accessKeyId'> {
  const accessKeyId = system?.stackAccessKeyId ?? config.stackAccessKeyId;
  return accessKeyId === undefined ? {} : { accessKeyId };
}
