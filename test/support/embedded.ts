/** An embedded stack in the test's own process, on a free port, with clients and resources ready for use. */
import type { Logger } from '../../contracts/system/logger.js';
import { createClients, type Clients } from '../../infra/aws/clients.js';
import { ensureResources, type StackResources } from '../../infra/aws/ensure-resources.js';
import type { QueueSettings } from '../../infra/aws/ensure-queues.js';
import { localCredentials } from '../../infra/aws/local-calls.js';
import { startEmbeddedStack, type EmbeddedStack } from '../../infra/embedded/stack.js';

export const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

export interface TestStack {
  readonly url: string;
  readonly clients: Clients;
  readonly resources: StackResources;
  close(): Promise<void>;
}

export interface TestStackOptions {
  /** In memory where absent. */
  readonly dataDir?: string;
  readonly queue?: QueueSettings;
  readonly sweepEveryMs?: number;
  readonly logger?: Logger;
  readonly controlToken?: string;
  readonly accessKeyId?: string;
  readonly allowedHosts?: readonly string[];
}

export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const { dataDir, queue, sweepEveryMs, logger = silent, controlToken, accessKeyId, allowedHosts } = options;
  const stack = await startEmbeddedStack({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    logger,
    controlToken,
    accessKeyId,
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    ...(sweepEveryMs === undefined ? {} : { sweepEveryMs }),
  });
  const clients = clientsOf(stack.url, accessKeyId);
  const resources = await ensureResources(clients, queue);
  return {
    url: stack.url,
    clients,
    resources,
    close: async () => {
      clients.close();
      await stack.close();
    },
  };
}

export function startBareStack(dataDir?: string, port = 0, logger = silent): Promise<EmbeddedStack> {
  return startEmbeddedStack({ host: '127.0.0.1', port, dataDir, logger });
}

export function clientsOf(url: string, accessKeyId?: string): Clients {
  const credentials = localCredentials(accessKeyId);
  return createClients({
    endpointSqs: url,
    endpointDynamodb: url,
    region: 'us-east-1',
    live: false,
    credentials,
  });
}

function ignore(): void {
  // a test that wants to see log lines brings its own logger
}
