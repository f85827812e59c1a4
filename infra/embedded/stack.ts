/**
 * SQS and DynamoDB behind one port, in this process, with nothing to install: what LocalStack is where Docker runs.
 * The queue lives in memory and ends with the process; the tables lie in `dataDir`.
 */
import type { Server } from 'node:http';
import type { Durability } from '../../contracts/settings/durability.js';
import type { Logger } from '../../contracts/system/logger.js';
import { guardConnections } from '../process/connection-guard.js';
import { openDataFolder } from './data-folder.js';
import { createDynamoServer } from './dynamo-server.js';
import { HEALTH_PATH, installFront } from './front.js';
import { startPersistence } from './persistence.js';
import { createQueueApp } from './queue-app.js';
import { createRequestGuard } from '../../contracts/http/request-guard.js';
import { readSynchronously } from './read-synchronously.js';
import { baseUrl, closeServer, listen } from '../http/serve.js';
import { startSweeper, SWEEP_EVERY_MS } from './sweeper.js';

export interface EmbeddedStackOptions {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** In memory where absent. */
  readonly dataDir?: string | undefined;
  /** The cost of a power cut, where there is a `dataDir`; a second at most where absent. */
  readonly durability?: Durability;
  readonly logger: Logger;
  /** Further names under which it is reached. */
  readonly allowedHosts?: readonly string[];
  /** Names and addresses of this machine. */
  readonly ownNames?: () => readonly string[];
  /** The access key that callers must name; any does where it is absent. */
  readonly accessKeyId?: string | undefined;
  /** The token for changes of the network; nobody may change it where it is absent. */
  readonly controlToken?: string | undefined;
  /** How often expired items are looked for. */
  readonly sweepEveryMs?: number;
}

export interface EmbeddedStack {
  readonly url: string;
  close(): Promise<void>;
}

/** Node's 5 s would close connections just when clients that were quiet for a while use them again. */
const KEEP_ALIVE_MS = 60_000;
const CLOSE_GRACE_MS = 2000;

export async function startEmbeddedStack(options: EmbeddedStackOptions): Promise<EmbeddedStack> {
  const folder =
    options.dataDir === undefined ? undefined : await openDataFolder(options.dataDir, options.logger);
  readSynchronously();
  const queueApp = await createQueueApp();
  const { server, store } = createDynamoServer(folder?.path);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { durability = 'everysec', logger } = options;
  const persistence =
    folder &&
    startPersistence({
      folder: folder.path,
      store,
      server,
      durability,
      logger,
      onDamage: () => folder.markDamaged(),
    });
  const { host, allowedHosts = [], ownNames = () => [], accessKeyId, controlToken } = options;
  const guard = createRequestGuard({ host, allowedHosts, ownNames, anyHostPaths: [HEALTH_PATH] });
  installFront(server, queueApp, { guard, accessKeyId, controlToken, logger });
  guardConnections(server, { logger });
  let stopSweeping: () => Promise<void> = () => Promise.resolve();

  async function close(): Promise<void> {
    await stopSweeping();
    await persistence?.stopRecovery();
    const closed = closeServer(server, CLOSE_GRACE_MS);
    await queueApp.close();
    await closed;
    if (await persistence?.stop()) await folder?.markCleanStop();
  }

  try {
    const port = await listen(server, options.host, options.port);
    stopSweeping = startSweeper(store, options.sweepEveryMs ?? SWEEP_EVERY_MS, options.logger);
    return { url: baseUrl(host, port), close };
  } catch (error) {
    await listenSomewhere(server);
    await close();
    throw error;
  }
}

/** dynalite closes its database only where its server has listened. */
async function listenSomewhere(server: Server): Promise<void> {
  await listen(server, '127.0.0.1', 0);
}
