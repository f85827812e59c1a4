/** `npm run chaos`: breaks a running system on purpose. */
import { createClients } from '../../infra/aws/clients.js';
import { purgeBatchQueue } from '../../infra/aws/purge-queue.js';
import { projectRoot } from '../../infra/process/project-root.js';
import { createSystemRandom } from '../../infra/process/system-random.js';
import { runChaos } from './cli.js';
import { readChaosConfig } from './config.js';
import { connectSupervised } from './supervised-system.js';

const config = readChaosConfig(process.env, projectRoot, process.cwd());

/** Never of real AWS: who wants that has other tools. */
async function emptyQueue(stackUrl: string): Promise<void> {
  const endpoint = config.sqsUrl ?? stackUrl;
  const clients = createClients({
    endpointSqs: endpoint,
    endpointDynamodb: endpoint,
    region: config.region,
    live: false,
  });
  try {
    await purgeBatchQueue(clients.sqs);
  } finally {
    clients.close();
  }
}

process.exitCode = await runChaos(process.argv.slice(2), {
  connect: (data) => connectSupervised(config.dataFolder(data), { emptyQueue }),
  random: createSystemRandom(),
  print: console.log,
  printError: console.error,
  columns: process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 100,
});
