/** The settings that every worker has, whatever its function. */
import { hostname } from 'node:os';
import type { FaultPlan } from '../../contracts/worker/faults.js';
import { hostNameOf, isLoopback } from '../../contracts/http/hosts.js';
import type { FunctionLimits } from './host/model-host.js';
import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings, type Environment } from '../../contracts/settings/settings.js';

export interface WorkerConfig {
  readonly host: string;
  /** Further host names of this worker. */
  readonly allowedHosts: readonly string[];
  readonly port: number;
  readonly workerId: string;
  /** Address for the coordinator. Default: where the worker listens. */
  readonly address?: string;
  readonly coordinatorUrl: string;
  readonly token: string;
  readonly faults: FaultPlan;
  readonly faultSeed?: string;
  /** File that keeps live faults after this process ends. Without it they end with the process. */
  readonly faultsFile?: string;
  readonly visibilityTimeoutSeconds: number;
  readonly limits: FunctionLimits;
  /** Where traces are sent. Without it there are none. */
  readonly tracesEndpoint?: string;
}

/** Share of the visibility timeout: a hanging function ends before its message returns to the queue. */
const TIMEOUT_SHARE = 0.9;

export function readWorkerConfig(environment: Environment, machine = hostname()): WorkerConfig {
  const settings = readSettings(shapeOf('worker'), environment);
  const isReachedByName = !isLoopback(settings.HOST);
  const address =
    settings.WORKER_ADDRESS ?? (isReachedByName ? `http://${machine}:${settings.PORT}` : undefined);
  return {
    host: settings.HOST,
    allowedHosts: [...settings.ALLOWED_HOSTS, ...(address === undefined ? [] : hostsOf(address))],
    port: settings.PORT,
    workerId: settings.WORKER_ID ?? (isReachedByName ? machine : idOfPort(settings.PORT)),
    ...(address !== undefined && { address }),
    coordinatorUrl: settings.COORDINATOR_URL,
    token: settings.WORKER_TOKEN,
    faults: settings.FAULTS,
    ...(settings.FAULT_SEED !== undefined && { faultSeed: settings.FAULT_SEED }),
    ...(settings.FAULTS_FILE !== undefined && { faultsFile: settings.FAULTS_FILE }),
    visibilityTimeoutSeconds: settings.VISIBILITY_TIMEOUT_SECONDS,
    limits: {
      timeoutMs: settings.FUNCTION_TIMEOUT_MS ?? settings.VISIBILITY_TIMEOUT_SECONDS * 1000 * TIMEOUT_SHARE,
      memoryMb: settings.FUNCTION_MEMORY_MB,
    },
    ...(settings.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined && {
      tracesEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    }),
  };
}

/** Requests name the host of the address in the heartbeats. */
function hostsOf(address: string): string[] {
  const name = hostNameOf(new URL(address).host);
  return name === undefined ? [] : [name];
}

const FIRST_WORKER_PORT = 9001;

function idOfPort(workerPort: number): string {
  return `worker-${workerPort < FIRST_WORKER_PORT ? workerPort : workerPort - FIRST_WORKER_PORT + 1}`;
}
