/** Experiments on their own, until `npm run chaos` has them among its verbs. */
import yargs from 'yargs';
import { createClients } from '../../../infra/aws/clients.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { exitCodeOf, listenForStopRequests } from '../../../infra/process/stop-requests.js';
import { ChaosError } from '../system.js';
import { listCommand, runCommand } from './commands.js';
import { readExperimentConfig } from './config.js';
import { localSystem } from './local-system.js';

const config = readExperimentConfig(process.env);

function listenForStop(): AbortSignal {
  const stopping = new AbortController();
  listenForStopRequests({
    onRequest: () => stopping.abort(),
    onImpatience: (signal) => process.exit(exitCodeOf(signal)),
  });
  return stopping.signal;
}

const parts = {
  connect: () => Promise.reject(new ChaosError('a running system cannot be reached yet: use --start')),
  connectStarted: (copy: Parameters<typeof localSystem>[0]) =>
    Promise.resolve(localSystem(copy, config.workerToken)),
  openStore: (stackUrl: string) => {
    const clients = createClients({
      endpointSqs: stackUrl,
      endpointDynamodb: stackUrl,
      region: config.region,
      live: false,
    });
    const store = new DynamoBatchStore(clients.dynamodb, tableNames.batches);
    return Promise.resolve({
      readMany: (ids: readonly string[]) => store.readMany(ids),
      listByTime: (hour: number, beforeMs: number, limit: number) => store.listByTime(hour, beforeMs, limit),
      close: () => clients.close(),
    });
  },
  ...config,
  listenForStop,
  print: (line: string) => console.log(line),
  printError: (line: string) => console.error(line),
  onExitCode: (code: number) => (process.exitCode = code),
};

await yargs(process.argv.slice(2))
  .scriptName('npm run chaos --')
  .command(runCommand(parts))
  .command(listCommand(parts))
  .demandCommand(1)
  .version(false)
  .strict()
  .parseAsync();
