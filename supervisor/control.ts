/** The control file in the data folder of a running copy, and the control server that it leads to. */
import type { Logger } from '../contracts/system/logger.js';
import { describeWorkSettings } from '../contracts/settings/work-settings.js';
import { ownIdentity } from '../infra/process/process-identity.js';
import type { SystemAddresses } from './announce.js';
import type { SupervisorConfig } from './config.js';
import { removeControlFile, writeControlFile } from './control-file.js';
import { startControlServer, type ControlServer } from './control-server.js';
import { claimDataFolder, emptyFolder, FAULTS_FOLDER, releaseDataFolder } from './data-folder.js';
import { createProcessController } from './process-controller.js';
import type { Supervisor } from './supervisor.js';

export interface Control {
  /** Once the system is ready. */
  readonly open: (addresses: SystemAddresses, stopping: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ControlParts {
  readonly config: SupervisorConfig;
  readonly supervisor: Supervisor;
  readonly logger: Logger;
}

/** Claims the data folder, and clears what a copy that was killed left behind in it. */
export async function createControl({ config, supervisor, logger }: ControlParts): Promise<Control> {
  const {
    dataFolder: folder,
    workerToken,
    controlToken: token,
    stackAccessKeyId,
    region,
    environment,
  } = config;
  const isOurs = await claimDataFolder(folder);
  if (isOurs) await clear(folder);
  let server: ControlServer | undefined;

  async function open(addresses: SystemAddresses, stopping: AbortSignal): Promise<void> {
    if (!isOurs) {
      logger.warn({ folder }, 'up.uncontrolled');
      return;
    }
    const { coordinatorUrl, stackUrl, workers } = addresses;
    server = await startControlServer(
      createProcessController(supervisor.supervised, stopping),
      token,
      logger,
    );
    if (stopping.aborted) return;
    await writeControlFile(folder, {
      controlUrl: server.url,
      token,
      workerToken,
      coordinatorUrl,
      stackUrl: stackUrl ?? environment['AWS_ENDPOINT_URL'],
      ...(stackAccessKeyId !== undefined && { stackAccessKeyId }),
      region,
      settings: { ...describeWorkSettings(environment), FAULTS: environment['FAULTS'] ?? '' },
      workers: workers.map(({ id, url }) => ({ id, url })),
      ...ownIdentity(),
    });
  }

  async function close(): Promise<void> {
    server?.close();
    if (isOurs) await clear(folder);
    await releaseDataFolder(folder);
  }

  return { open, close };
}

async function clear(folder: string): Promise<void> {
  await removeControlFile(folder);
  await emptyFolder(folder, FAULTS_FOLDER);
}
