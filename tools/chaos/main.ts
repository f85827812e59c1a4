/** `npm run chaos`: breaks a running system on purpose, and runs experiments. */
import { projectRoot } from '../../infra/process/project-root.js';
import { withSecretFiles } from '../../infra/process/secret-files.js';
import { stopSignal } from '../../infra/process/stop-requests.js';
import { createSystemRandom } from '../../infra/process/system-random.js';
import { connectWith } from '../kit/system/choose-system.js';
import { runChaos } from './cli.js';
import { readChaosConfig } from './config.js';
import { listCommand, runCommand } from './experiment/commands.js';
import { connectSupervised } from '../kit/system/supervised-system.js';

process.umask(0o077); // texts and answers stand in reports and journals
const config = readChaosConfig(withSecretFiles(process.env), projectRoot, process.cwd());
/** A system of its own has a stack of its own, whatever the environment says of another. */
const startsItsOwn = process.argv.includes('--start');
const connect = connectWith({
  onFolder: (data) => connectSupervised(config.dataFolder(data), { emptyQueue }),
  inContainers: async () => {
    // Who breaks processes needs none of this.
    const [{ openEngine }, { connectContainers }] = await Promise.all([
      import('../kit/containers/engine.js'),
      import('../kit/containers/container-system.js'),
    ]);
    return connectContainers(openEngine(), config.composeProject, { emptyQueue, checkReachable });
  },
});
const print = (line: string) => console.log(line);
const printError = (line: string) => console.error(line);
const experiments = {
  connect,
  connectStarted: ({ dataFolder }: { readonly dataFolder: string }) => connect({ data: dataFolder }),
  openStore,
  apiKey: config.apiKey,
  modelOptions: config.modelOptions,
  environment: config.copyEnvironment,
  listenForStop: stopSignal,
  print,
  printError,
  dataFolder: config.dataFolder,
  onExitCode: (code: number) => (process.exitCode = code),
};

const exitCode = await runChaos(process.argv.slice(2), {
  connect,
  addCommands: (parser) => parser.command(runCommand(experiments)).command(listCommand(experiments)),
  random: createSystemRandom(),
  print,
  printError,
  columns: process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 100,
});
if (exitCode !== 0) process.exitCode = exitCode;

async function emptyQueue(stackUrl: string, region?: string, accessKeyId?: string): Promise<void> {
  const { purgeBatchQueue } = await import('../../infra/aws/purge-queue.js');
  const clients = await createStackClients(stackUrl, region, accessKeyId);
  try {
    await purgeBatchQueue(clients.sqs);
  } finally {
    clients.close();
  }
}

/** It answers, and has or has not the queue. */
async function checkReachable(stackUrl: string, region?: string): Promise<void> {
  const { findQueue } = await import('../../infra/aws/ensure-queues.js');
  const { resources } = await import('../../infra/resources/resources.js');
  const clients = await createStackClients(stackUrl, region);
  try {
    await findQueue(clients.sqs, resources.queues.batches.createQueue.QueueName);
  } finally {
    clients.close();
  }
}

async function openStore(stackUrl: string, region?: string, accessKeyId?: string) {
  const { DynamoBatchStore } = await import('../../infra/aws/dynamo-batch-store.js');
  const { tableNames } = await import('../../infra/resources/resources.js');
  const clients = await createStackClients(stackUrl, region, accessKeyId);
  const store = new DynamoBatchStore(clients.dynamodb, tableNames.batches);
  return {
    readMany: (ids: readonly string[]) => store.readMany(ids),
    listByTime: (hour: number, beforeMs: number, limit: number) => store.listByTime(hour, beforeMs, limit),
    close: () => clients.close(),
  };
}

/** Never of real AWS: who wants that has other tools. */
async function createStackClients(stackUrl: string, region = config.region, accessKeyId?: string) {
  // The SDK takes longer to load than all other verbs take.
  const [{ createClients }, { localCredentials }] = await Promise.all([
    import('../../infra/aws/clients.js'),
    import('../../infra/aws/local-calls.js'),
  ]);
  return createClients({
    endpointSqs: (startsItsOwn ? undefined : config.sqsUrl) ?? stackUrl,
    endpointDynamodb: (startsItsOwn ? undefined : config.dynamodbUrl) ?? stackUrl,
    region,
    live: false,
    credentials: localCredentials(accessKeyId ?? config.stackAccessKeyId),
  });
}
