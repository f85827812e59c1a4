/**
 * The lifecycle of a worker. It loads the function, listens, and sends heartbeats. To stop, it announces that it drains, lets its
 * invokes finish, drops those that would not, and ends the function between two runs.
 */
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { Random } from '../../contracts/system/random.js';
import { isUnresponsive, type Heartbeat } from '../../contracts/worker/worker.js';
import { createRequestGuard } from '../../contracts/http/request-guard.js';
import { printFaults } from '../../contracts/worker/faults.js';
import { randomDraw, seededDraw } from './faults/fault-draw.js';
import { createFaultFile, NO_MEMORY } from './faults/fault-file.js';
import { HeartbeatSender } from './worker/heartbeat.js';
import { createApp } from './http/app.js';
import { baseUrl, closeServer, listen } from '../../infra/http/serve.js';
import { InvokeRunner } from './worker/invoke-runner.js';
import type { Tracer } from '../../contracts/system/tracing.js';
import { LiveFaults } from './faults/live-faults.js';
import type { FunctionCondition, ModelHost } from './host/model-host.js';
import type { WorkerConfig } from './settings.js';
import { WorkerLoad } from './worker/worker-load.js';

export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly host: ModelHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly crash: () => void;
  /** Names and addresses of this machine. */
  readonly ownNames?: () => readonly string[];
  /** Absent without tracing. */
  readonly tracer?: Tracer | undefined;
  /** Called with the worker's server before it listens. */
  readonly prepareServer?: (server: Server) => void;
  /** How long invokes may take to finish after a stop request. */
  readonly drainMs?: number;
}

export interface RunningWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/** Longer than a coordinator with little to do pauses, so that its connections stay open. */
const KEEP_ALIVE_MS = 60_000;
/** Shorter than the stop deadline of a process. */
const DRAIN_MS = 8000;

export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { config, host, clock, logger } = parts;
  const load = new WorkerLoad();
  const faults = createFaults(parts);
  const runner = new InvokeRunner(host, clock);
  const { workerId, token } = config;
  const guard = createRequestGuard({
    ...config,
    ownNames: parts.ownNames ?? (() => []),
    anyHostPaths: ['/healthz'],
  });
  const app = createApp({ ...parts, workerId, token, guard, faults, load, runner });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  parts.prepareServer?.(server);
  const url = baseUrl(config.host, await listen(server, config.host, config.port));
  const heartbeat = new HeartbeatSender({
    ...config,
    logger,
    report: createReport(parts, url, faults, load),
  });
  heartbeat.start();
  beatOnChange(host, heartbeat);

  return {
    url,
    async stop() {
      load.drain();
      await heartbeat.sendLast();
      await Promise.race([
        load.untilIdle(),
        untilUnresponsive(host),
        sleep(parts.drainMs ?? DRAIN_MS, undefined, { ref: false }),
      ]);
      await closeServer(server, 0); // hung invokes would never end by themselves
      await heartbeat.stop();
      await host.stop();
    },
  };
}

/** Lets the coordinator send work again as soon as possible. */
function beatOnChange(host: ModelHost, heartbeat: HeartbeatSender): void {
  let was = isUnresponsive(heartbeatOf(host.condition()));
  host.onChange(() => {
    const is = isUnresponsive(heartbeatOf(host.condition()));
    if (is !== was) heartbeat.sendNow();
    was = is;
  });
}

/** A stop does not wait for the runs of a blocked function. */
function untilUnresponsive(host: ModelHost): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (isUnresponsive(heartbeatOf(host.condition()))) resolve();
    };
    host.onChange(check);
    check();
  });
}

function heartbeatOf({ state, unresponsiveMs }: FunctionCondition) {
  return { functionState: state, unresponsiveMs };
}

function createFaults({ config, random, clock, logger }: WorkerParts): LiveFaults {
  const { faultSeed, faultsFile, workerId, visibilityTimeoutSeconds } = config;
  const faults: LiveFaults = new LiveFaults({
    plan: config.faults,
    draw: faultSeed === undefined ? randomDraw(random) : seededDraw(faultSeed, workerId),
    defaultLateMs: (visibilityTimeoutSeconds + 1) * 1000,
    memory: faultsFile === undefined ? NO_MEMORY : createFaultFile(faultsFile),
    clock,
    onChange: () => logger.info(faults.view(workerId), 'faults.changed'),
  });
  return faults;
}

function createReport(
  { config, host, clock }: WorkerParts,
  url: string,
  faults: LiveFaults,
  load: WorkerLoad,
): () => Heartbeat {
  const startedAt = new Date(clock.now()).toISOString();
  const address = config.address ?? url;
  return () => ({
    address,
    model: host.model,
    startedAt,
    faults: printFaults(faults.plan),
    ...heartbeatOf(host.condition()),
    ...load.report(),
  });
}
