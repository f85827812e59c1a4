/** `npm run chaos`: breaks a running system on purpose. */
import { projectRoot } from '../../infra/process/project-root.js';
import { createSystemRandom } from '../../infra/process/system-random.js';
import { runChaos } from './cli.js';
import { readChaosConfig } from './config.js';
import { connectSupervised } from './supervised-system.js';

const config = readChaosConfig(process.env, projectRoot, process.cwd());

process.exitCode = await runChaos(process.argv.slice(2), {
  connect: (data) => connectSupervised(config.dataFolder(data), { emptyQueue }),
  random: createSystemRandom(),
  print: console.log,
  printError: console.error,
  columns: process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 100,
});

/** Never of real AWS: who wants that has other tools. */
async function emptyQueue(stackUrl: string): Promise<void> {
  // The SDK takes longer to load than all other verbs take.
  const { createClients } = await import('../../infra/aws/clients.js');
  const { purgeBatchQueue } = await import('../../infra/aws/purge-queue.js');
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
