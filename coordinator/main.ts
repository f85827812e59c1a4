import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { StackUnavailableError } from '../contracts/errors/errors.js';
import { ExpiryTime } from '../contracts/system/expiry-time.js';
import type { Clock } from '../contracts/system/clock.js';
import type { Logger } from '../contracts/system/logger.js';
import { createRequestGuard } from '../contracts/http/request-guard.js';
import { messageOf } from '../contracts/common/text.js';
import { createClients, type Clients } from '../infra/aws/clients.js';
import { ensureResources } from '../infra/aws/ensure-resources.js';
import { localCredentials } from '../infra/aws/local-calls.js';
import { createStackPorts } from '../infra/aws/ports.js';
import { startRefusal } from '../infra/aws/start-refusal.js';
import { UnreadableItems } from '../infra/aws/unreadable-items.js';
import { guardConnections } from '../infra/process/connection-guard.js';
import { ownNames } from '../infra/process/own-names.js';
import { isSupervised } from '../infra/process/process-messages.js';
import { runProcess } from '../infra/process/run-process.js';
import { createSystemClock } from '../infra/process/system-clock.js';
import { createSystemRandom } from '../infra/process/system-random.js';
import { readConfig, type CoordinatorConfig } from './config.js';
import { Coordinator } from './coordinator.js';
import { ANY_HOST_PATHS, createApp, PAGES } from './http/app.js';
import { createMetrics } from './metrics/metrics.js';
import { serve } from './http/serve.js';
import { SdkCalls } from './measures/sdk-calls.js';
import { StackRefusals } from './measures/stack-refusals.js';
import { HttpFunctionClient } from './workers/http-function-client.js';
import { originOfServer, originOfUrl } from './workers/reserved-origins.js';
import { AddressProofs } from './workers/address-proofs.js';
import { WorkerAddresses } from './workers/worker-addresses.js';

/** A supervisor starts both. Elsewhere the stack may be minutes behind, and a coordinator that ends would only be started again. */
const STACK_DEADLINE_MS = isSupervised() ? 30_000 : 300_000;
const STACK_RETRY_MS = 500;
const TRIES_A_LINE = 10;

runProcess('coordinator', readConfig, async (config, logger) => {
  for (const warning of config.warnings) logger.warn({ warning }, 'settings.conflicting');
  const clock = createSystemClock();
  const random = createSystemRandom();
  const sdkCalls = new SdkCalls();
  const refusals = new StackRefusals(clock, logger);
  const clients = createClients({
    ...config.aws,
    credentials: localCredentials(config.aws.accessKeyId),
    observer: {
      called: (...call) => {
        sdkCalls.called(...call);
        refusals.called(...call);
      },
    },
  });
  const unreadable = new UnreadableItems((item) => {
    logger.error(item, 'item.unreadable');
    coordinator.stats.count('unreadableItems');
  });
  const stack = await stackPorts(clients, config, clock, logger, unreadable);
  const workerAddresses = new WorkerAddresses(config.workerAddresses, reservedOrigins(config));
  const addressProofs = new AddressProofs(config.workerToken);
  const functions = new HttpFunctionClient(config.workerToken, workerAddresses);
  const coordinatorId = config.coordinatorId ?? `coordinator-${Buffer.from(random.bytes(4)).toString('hex')}`;
  const timeouts = {
    visibilityTimeoutMs: config.visibilityTimeoutSeconds * 1000,
    retentionMs: config.taskRetentionMs,
  };
  const tracing = await tracingOf(config, coordinatorId);
  const coordinator = new Coordinator(
    { clock, random, logger, functions, workerAddresses, addressProofs, tracer: tracing?.tracer, ...stack },
    { ...config, ...timeouts, coordinatorId },
  );
  await coordinator.heartbeats.refresh();
  const heartbeatAgeMs = coordinator.heartbeats.sightings.leastSilentMs();
  coordinator.start();
  coordinator.stats.event('coordinator.started', {
    coordinatorId,
    ...(heartbeatAgeMs === undefined ? {} : { heartbeatAgeMs: Math.round(heartbeatAgeMs) }),
  });

  const refusing = new AbortController();
  const waiting = new AbortController();
  setMaxListeners(0, waiting.signal); // one for each waiting client
  const app = createApp(
    {
      coordinator,
      health: { clock, queue: stack.queue, workers: stack.workers, registry: coordinator.registry, refusals },
      workers: { clock, workers: stack.workers, sightings: coordinator.heartbeats.sightings },
      stats: { clock, queue: stack.queue, batches: stack.batches, stats: stack.statistics },
      metrics: createMetrics({ clock, ...stack, coordinator, sdkCalls, ofProcess: true }, timeouts),
      logger,
    },
    {
      ...config,
      timeouts,
      guard: createRequestGuard({ ...config, ownNames, pages: PAGES, anyHostPaths: ANY_HOST_PATHS }),
    },
    { refusing: refusing.signal, waitingOver: waiting.signal },
  );
  const server = await serve(app, {
    host: config.host,
    port: config.port,
    prepare: (http) => guardConnections(http, { logger }),
  });
  if (config.servesAnybody) logger.warn({ host: config.host }, 'coordinator.open_to_anybody');

  return {
    url: server.url,
    stop: async () => {
      refusing.abort();
      await coordinator.finish(config.shutdownDeadlineMs);
      waiting.abort();
      await Promise.all([coordinator.release(), server.close()]);
      await functions.close();
      clients.close();
      await tracing?.stop();
    },
  };
});

function reservedOrigins({ host, port, aws }: CoordinatorConfig) {
  const stack = [aws.endpointSqs, aws.endpointDynamodb].filter((url) => url !== undefined);
  return [originOfServer(host, port, ownNames()), ...stack.map(originOfUrl)];
}

/** The SDK of OpenTelemetry is loaded only where somebody wants traces. */
async function tracingOf({ tracesEndpoint }: CoordinatorConfig, instanceId: string) {
  if (tracesEndpoint === undefined) return undefined;
  const { startTracing } = await import('../infra/tracing/otel-tracer.js');
  return startTracing({ endpoint: tracesEndpoint, serviceName: 'boomerang-coordinator', instanceId });
}

/** Waits for the stack to answer, makes what is missing in it, and gives its ports. */
async function stackPorts(
  clients: Clients,
  config: CoordinatorConfig,
  clock: Clock,
  logger: Logger,
  unreadable: UnreadableItems,
) {
  const ensure = () =>
    ensureResources(clients, {
      visibilityTimeoutSeconds: config.visibilityTimeoutSeconds,
      maxReceiveCount: config.maxReceiveCount,
      messageRetentionSeconds: config.messageRetentionSeconds,
    });
  const ensureOrRefuse = () =>
    ensure().catch((error: unknown) => {
      throw startRefusal(error, config.aws) ?? error;
    });
  const deadline = clock.monotonic() + STACK_DEADLINE_MS;
  const stack = await retryUntil(deadline, clock, logger, ensureOrRefuse);
  return {
    ...createStackPorts(clients, stack, new ExpiryTime(clock), unreadable),
    resources: { ensure: () => ensure().then(() => undefined) },
  };
}

async function retryUntil<T>(
  deadline: number,
  clock: Clock,
  logger: Logger,
  call: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StackUnavailableError) || clock.monotonic() > deadline) throw error;
      if (tries % TRIES_A_LINE === 0) logger.warn({ error: messageOf(error) }, 'stack.awaited');
      await sleep(STACK_RETRY_MS);
    }
  }
}
