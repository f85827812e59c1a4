/** Which processes there are, what each is told, and in which order they start and stop. */
import { join } from 'node:path';
import type { Environment } from '../contracts/settings/settings.js';
import type { RequiredPort } from './check-ports.js';
import type { ChildSpec } from './child-spec.js';
import { emptyFolder, FAULTS_FOLDER, STACK_DATA_FOLDER } from './data-folder.js';
import type { SupervisorConfig } from './config.js';

export const STACK = 'stack';
export const COORDINATOR = 'coordinator';

type Urls = ReadonlyMap<string, string>;

/** One second more than a process gives itself, so that its own deadline is what ends it. */
const STOP_DEADLINE_MS = 16_000;
/** A coordinator takes so long at most beyond SHUTDOWN_DEADLINE_MS, and is given a second more. */
const RELEASE_DEADLINE_MS = 11_000;
const LOOPBACK = '127.0.0.1';

/** `built` is where the programs' JavaScript lies; `copy` tells these children from those of another copy. */
export function planChildren(config: SupervisorConfig, built: string, copy: string): readonly ChildSpec[] {
  const common = { stopDeadlineMs: STOP_DEADLINE_MS };
  const label = (name: string): string => `${name}@${copy}`;
  const { stack } = config;
  const coordinator: ChildSpec = {
    ...common,
    name: COORDINATOR,
    label: label(COORDINATOR),
    script: join(built, 'coordinator', 'main.js'),
    startsAfter: stack === undefined ? [] : [STACK],
    stopStage: 0,
    stopDeadlineMs: Math.max(STOP_DEADLINE_MS, config.drainDeadlineMs + RELEASE_DEADLINE_MS),
    environment: (urls) => coordinatorEnvironment(config, urls),
  };
  const functions = workerNames(config).map((name, index): ChildSpec => {
    const { portBase } = config.functions;
    return {
      ...common,
      name,
      label: label(name),
      script: join(built, 'functions', 'sentiment', 'main.js'),
      // Loading a model takes longest, so it does not wait for an address that is known.
      startsAfter: config.coordinator.port === 0 ? [COORDINATOR] : [],
      stopStage: 1,
      environment: (urls) => functionEnvironment(config, name, portBase === 0 ? 0 : portBase + index, urls),
    };
  });
  if (stack === undefined) return [coordinator, ...functions];
  const stackSpec: ChildSpec = {
    ...common,
    name: STACK,
    label: label(STACK),
    script: join(built, 'infra', 'embedded', 'main.js'),
    startsAfter: [],
    stopStage: 2,
    emptyData: () => emptyFolder(config.dataFolder, STACK_DATA_FOLDER),
    environment: (urls) => stackEnvironment(config, urls),
  };
  return [stackSpec, coordinator, ...functions];
}

export function requiredPorts(config: SupervisorConfig): readonly RequiredPort[] {
  const { coordinator, stack, functions } = config;
  return [
    { name: 'the coordinator', ...coordinator, flag: '--port' },
    ...(stack === undefined
      ? []
      : [{ name: 'the stack', host: stack.host, port: stack.port, flag: '--stack-port' }]),
    ...workerNames(config).map((name, index) => ({
      name,
      host: LOOPBACK,
      port: functions.portBase === 0 ? 0 : functions.portBase + index,
      flag: '--function-port-base',
    })),
  ];
}

function workerNames({ functions }: SupervisorConfig): readonly string[] {
  return Array.from({ length: functions.count }, (_, index) => `worker-${index + 1}`);
}

function coordinatorEnvironment(config: SupervisorConfig, urls: Urls): Environment {
  const { environment, coordinator } = config;
  const stackUrl = urls.get(STACK);
  return {
    ...environment,
    HOST: coordinator.host,
    PORT: portOf(COORDINATOR, coordinator.port, urls),
    ...(stackUrl !== undefined && { AWS_ENDPOINT_URL: stackUrl }),
  };
}

function functionEnvironment(config: SupervisorConfig, name: string, port: number, urls: Urls): Environment {
  const { host, port: coordinatorPort } = config.coordinator;
  return {
    ...withoutApiKey(config.environment),
    STACK_ACCESS_KEY_ID: undefined,
    HOST: LOOPBACK,
    PORT: portOf(name, port, urls),
    WORKER_ID: name,
    FAULTS_FILE: join(config.dataFolder, FAULTS_FOLDER, `${name}.json`),
    PROCESS_NAME: name,
    COORDINATOR_URL: urls.get(COORDINATOR) ?? reachableUrl(host, coordinatorPort),
  };
}

function stackEnvironment(
  { environment, stack, dataFolder, controlToken }: SupervisorConfig,
  urls: Urls,
): Environment {
  return {
    ...withoutApiKey(environment),
    ...(stack !== undefined && {
      STACK_HOST: stack.host,
      STACK_PORT: portOf(STACK, stack.port, urls),
      STACK_DURABILITY: stack.durability,
    }),
    STACK_DATA: join(dataFolder, STACK_DATA_FOLDER),
    CONTROL_TOKEN: controlToken,
  };
}

/** Only the coordinator serves clients. */
function withoutApiKey(environment: Environment): Environment {
  return { ...environment, API_KEY: undefined };
}

/** A process that is started again takes the port that the others know. */
function portOf(name: string, wanted: number, urls: Urls): string {
  const knownUrl = urls.get(name);
  return wanted === 0 && knownUrl !== undefined ? new URL(knownUrl).port : String(wanted);
}

/** A coordinator that listens on every address is reached on loopback. */
function reachableUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://${LOOPBACK}:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
