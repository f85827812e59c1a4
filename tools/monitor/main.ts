/** `npm run monitor`: looks at a running system through its stack. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SettingsError } from '../../contracts/errors/errors.js';
import { HEARTBEAT_INTERVAL_MS, workerState } from '../../contracts/worker/worker.js';
import { createClients } from '../../infra/aws/clients.js';
import { localCredentials } from '../../infra/aws/local-calls.js';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../infra/aws/dynamo-worker-store.js';
import { SqsQueueReader } from '../../infra/aws/sqs-queue-reader.js';
import { projectRoot } from '../../infra/process/project-root.js';
import { withSecretFiles } from '../../infra/process/secret-files.js';
import { tableNames } from '../../infra/resources/resources.js';
import { connectWith } from '../kit/system/choose-system.js';
import { connectSupervised } from '../kit/system/supervised-system.js';
import { readMonitorConfig, type MonitorConfig } from './config.js';
import { act } from './control.js';
import type { FoundStack } from './find-stack.js';
import { readFlags, type Flags } from './flags.js';
import { WatchedStack, type OpenedStack } from './followed-stack.js';
import { runLive } from './live.js';
import { onceLines } from './once.js';
import { Reader } from './read/reader.js';
import { reportOf } from './report.js';
import type { Snapshot } from './snapshot/snapshot.js';
import { buildScene, type SceneSettings } from './build-scene.js';
import { ansi, COLOR, NO_COLOR } from './terminal/ansi.js';
import { listenForStop } from './terminal/stop.js';
import { INITIAL_STATE } from './ui/state.js';
import { ASCII, UNICODE } from './view/glyphs.js';
import { plainText } from '../kit/terminal/styled.js';

const FAILED = 1;
const PRINTED_WIDTH = 120;
/** Grace for a beat on its way. */
const NETWORK_MS = 300;

const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
const flags = readFlags(
  process.argv.slice(2),
  process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 80,
);

try {
  process.exitCode = await monitor(
    flags,
    readMonitorConfig(flags, withSecretFiles(process.env), projectRoot, process.cwd()),
  );
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  const said = error.message;
  console.error(flags.endpoint === undefined ? said : said.replace(/AWS_ENDPOINT_URL_\w+=/, '--endpoint '));
  process.exitCode = FAILED;
}

async function monitor({ once, json, readOnly }: Flags, config: MonitorConfig): Promise<number> {
  const stack = await WatchedStack.find(config, (found) => openStack(found, config.live));
  const reader = new Reader({ now: Date.now, monotonic: () => performance.now(), ...stack.readers });
  const settings: SceneSettings = {
    glyphs: config.isAscii ? ASCII : UNICODE,
    get endpoint() {
      return stack.endpoint;
    },
    isReadOnly: readOnly,
    workerSlots: config.workerSlots,
  };
  try {
    const isOnce = once || json || config.isDumb || !isTerminal;
    if (isOnce) return await printOnce(reader, settings, json, config);
    await watch(reader, stack, settings, config);
    // A read that is under way may take seconds yet, where the stack does not answer.
    process.exit(0);
  } finally {
    stack.close();
  }
}

function openStack(
  { endpointSqs, endpointDynamodb, region, accessKeyId }: FoundStack,
  live: boolean,
): OpenedStack {
  const credentials = live ? undefined : localCredentials(accessKeyId);
  const clients = createClients({ endpointSqs, endpointDynamodb, region, live, credentials });
  const readers = {
    queue: new SqsQueueReader(clients.sqs),
    workers: new DynamoWorkerStore(clients.dynamodb, tableNames.workers),
    stats: new DynamoStatsStore(clients.dynamodb, tableNames.stats),
    batches: new DynamoBatchStore(clients.dynamodb, tableNames.batches),
  };
  return { readers, close: () => clients.close() };
}

async function printOnce(
  reader: Reader,
  settings: SceneSettings,
  json: boolean,
  config: MonitorConfig,
): Promise<number> {
  const snapshot = await readOnce(reader);
  const scene = buildScene(settings, snapshot, INITIAL_STATE, Date.now());
  if (json) {
    console.log(JSON.stringify(reportOf(scene)));
  } else {
    const isPlain = !process.stdout.isTTY || config.isDumb || !config.hasColor;
    const width = process.stdout.isTTY ? process.stdout.columns : PRINTED_WIDTH;
    for (const line of onceLines(scene, width)) {
      console.log(isPlain ? plainText(line).trimEnd() : ansi(line, COLOR));
    }
  }
  return snapshot.workers.readAtMs === undefined ? FAILED : 0;
}

/** A worker that seems down may beat by another clock: the next beat shows it. */
async function readOnce(reader: Reader): Promise<Snapshot> {
  const snapshot = await reader.refresh();
  const isDoubtful = snapshot.workers.value.some(
    ({ state, silentMs }) => workerState(state, silentMs) === 'down',
  );
  if (!isDoubtful) return snapshot;
  await sleep(HEARTBEAT_INTERVAL_MS + NETWORK_MS);
  return reader.refresh();
}

async function watch(
  reader: Reader,
  stack: WatchedStack,
  settings: SceneSettings,
  config: MonitorConfig,
): Promise<void> {
  const { takeTerminal } = await import('./terminal/terminal.js');
  const unused = { emptyQueue: rejectCall, checkReachable: rejectCall };
  const connect = connectWith({
    onFolder: () => connectSupervised(config.dataFolder, unused),
    inContainers: async () => {
      const [{ openEngine }, { connectContainers }] = await Promise.all([
        import('../kit/containers/engine.js'),
        import('../kit/containers/container-system.js'),
      ]);
      return connectContainers(openEngine(), config.composeProject, unused);
    },
  });
  await runLive({
    settings,
    palette: config.hasColor ? COLOR : NO_COLOR,
    now: Date.now,
    refresh: async (watchedTask) => {
      const snapshot = await reader.refresh(watchedTask);
      if (hasProblem(snapshot)) await stack.findAgain();
      return snapshot;
    },
    takeTerminal,
    act: (action, workerId) =>
      act({ connect: () => connect({}), endpoint: settings.endpoint }, action, workerId),
    stopping: listenForStop(),
  });
}

function hasProblem({ workers, queue, stats, tasks }: Snapshot): boolean {
  return [workers, queue, stats, tasks].some(({ problem }) => problem !== undefined);
}

function rejectCall(): Promise<never> {
  return Promise.reject(new Error('the monitor asks this of no stack'));
}
