/** `npm start`: everything on this machine, supervised. */
import { join } from 'node:path';
import { createLogger, readLogStyle } from '../infra/process/logger.js';
import { isSupervised, sendToSupervisor } from '../infra/process/process-messages.js';
import { projectRoot } from '../infra/process/project-root.js';
import { withSecretFiles } from '../infra/process/secret-files.js';
import { announce, type SystemAddresses } from './announce.js';
import { checkPorts } from './check-ports.js';
import { readSupervisorConfig, type SupervisorConfig } from './config.js';
import { createControl } from './control.js';
import { emptyFolder, releaseDataFolder, STACK_DATA_FOLDER } from './data-folder.js';
import { nameFlagsInMessage, readFlags } from './flags.js';
import { keepRunning } from './keep-running.js';
import { createLogView, SUPERVISOR } from './log-view.js';
import { createOutput } from '../infra/process/output.js';
import { planChildren, requiredPorts } from './plan-children.js';
import { claimOrReject, rejectSecondCopy } from './refuse-second.js';
import { createSupervisor } from './supervisor.js';

const flags = readFlags(process.argv.slice(2));
const currentFolder = process.cwd();
// Texts, answers and tokens lie in what this process and its children write.
process.umask(0o077);
const startedAtMs = performance.now() - process.uptime() * 1000;

try {
  const config = readSupervisorConfig(
    withSecretFiles({ ...process.env, ...flags.settings }),
    projectRoot,
    currentFolder,
  );
  await startOn(config).catch(async (error: unknown) => {
    await releaseDataFolder(config.dataFolder);
    throw error;
  });
} catch (error) {
  await endWith(error);
}

async function startOn(config: SupervisorConfig): Promise<void> {
  // Copies that share somebody else's stack may share the folder as well.
  if (config.stack !== undefined) await rejectSecondCopy(config.dataFolder);
  await checkPorts(requiredPorts(config));
  if (config.stack !== undefined) await claimOrReject(config.dataFolder);
  if (flags.fresh && config.stack !== undefined) await emptyFolder(config.dataFolder, STACK_DATA_FOLDER);
  await up(config);
}

async function up(config: SupervisorConfig): Promise<void> {
  const style = readLogStyle(process.env, process.stdout.isTTY);
  const output = createOutput(process.stdout);
  const view = createLogView(style, output.write);
  const logger = createLogger({
    name: SUPERVISOR,
    level: config.logLevel,
    write: (line) => view.show(SUPERVISOR, line.trimEnd()),
  });
  const copy = String(process.pid);
  const supervisor = createSupervisor(planChildren(config, join(projectRoot, 'dist'), copy), {
    onLine: view.show,
    onExit: (child, exit) => logger.warn({ child, ...exit }, 'process.exited'),
  });
  const control = await createControl({ config, supervisor, logger });
  await keepRunning({
    supervisor,
    logger,
    onReady: async (stopRequested) => {
      const { colors: colours } = style;
      const print = output.write;
      const onReady = (addresses: SystemAddresses) => control.open(addresses, stopRequested);
      await announce(
        { config, supervisor, logger, startedAtMs, currentFolder, projectRoot, colours, print, onReady },
        stopRequested,
      );
    },
    onFailure: endWith,
    onStopped: async () => {
      await control.close();
      await output.flush();
    },
  });
}

async function endWith(error: unknown): Promise<never> {
  const message = nameFlagsInMessage(error instanceof Error ? error.message : String(error), flags);
  if (isSupervised()) await sendToSupervisor({ type: 'failed', message });
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
