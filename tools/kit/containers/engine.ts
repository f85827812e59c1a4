/** The containers of a running system, found by the label `boomerang.target` that infra/docker-compose.yml gives them. */
import Docker from 'dockerode';
import { z } from 'zod';
import type { Environment } from '../../../contracts/settings/settings.js';
import { messageOf } from '../../../contracts/common/text.js';
import type { ProcessState } from '../../../contracts/control/control-protocol.js';
import { ChaosError, NothingRunsError, type Target } from '../system/system.js';

const TARGET_LABEL = 'boomerang.target';
const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';

const inspectedSchema = z.object({
  Id: z.string(),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    Pid: z.number(),
  }),
  Config: z.object({
    Env: z
      .array(z.string())
      .nullable()
      .transform((env) => env ?? []),
    Labels: z.record(z.string(), z.string()),
  }),
  HostConfig: z.object({
    PortBindings: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
      .nullable(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.unknown()),
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
  }),
});

export interface FoundContainer {
  readonly id: string;
  readonly target: Target;
  readonly service: string;
  readonly state: ProcessState;
  /** Absent while there is no process. */
  readonly pid: number | undefined;
  readonly environment: Environment;
  /** Names of those that it is connected to. */
  readonly networks: readonly string[];
  /** `http://127.0.0.1:8080`, where a port of it is published. */
  readonly url: string | undefined;
}

const STATES: Readonly<Record<z.output<typeof inspectedSchema>['State']['Status'], ProcessState>> = {
  created: 'stopped',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'stopped',
  exited: 'stopped',
  dead: 'stopped',
};

/** Where DOCKER_HOST says, else the engine of this machine. */
export function openEngine(): Docker {
  return new Docker();
}

/**
 * By target.
 * @param project of Docker Compose, where several run
 * @throws NothingRunsError where no engine answers, or it runs none
 */
export async function findContainers(
  docker: Docker,
  project: string | undefined,
): Promise<ReadonlyMap<Target, FoundContainer>> {
  const label = [TARGET_LABEL, ...(project === undefined ? [] : [`${PROJECT_LABEL}=${project}`])];
  const listed = await docker.listContainers({ all: true, filters: { label } }).catch((error: unknown) => {
    throw new NothingRunsError(`no container engine answers: ${messageOf(error)}`);
  });
  if (listed.length === 0) {
    const where = project === undefined ? '' : ` in the Compose project ${project}`;
    throw new NothingRunsError(
      `no container of Boomerang${where} is there: docker compose -f infra/docker-compose.yml up --build`,
    );
  }
  requireOneProject(listed.map(({ Labels }) => Labels[PROJECT_LABEL] ?? ''));
  requireUniqueTargets(listed);
  const inspected = await Promise.all(listed.map(({ Id }) => inspect(docker, Id).catch(ignoreNotFound)));
  const found = inspected.filter((container) => container !== undefined);
  const order = (target: Target) => ['coordinator', 'stack'].indexOf(target);
  found.sort(
    (one, other) =>
      order(one.target) - order(other.target) ||
      one.target.localeCompare(other.target, 'en', { numeric: true }),
  );
  return new Map(found.map((container) => [container.target, container]));
}

function requireOneProject(projects: readonly string[]): void {
  const names = [...new Set(projects)];
  if (names.length === 1) return;
  throw new ChaosError(
    `several run in containers (${names.toSorted().join(', ')}): say which with COMPOSE_PROJECT_NAME`,
  );
}

/** One that is scaled, or run beside the project's own: nobody could say which of them was meant. */
function requireUniqueTargets(listed: readonly Docker.ContainerInfo[]): void {
  const targets = listed.map(({ Labels }) => Labels[TARGET_LABEL] ?? '');
  const target = targets.find((one, index) => targets.indexOf(one) !== index);
  if (target === undefined) return;
  const namesakes = listed.filter((_container, index) => targets[index] === target);
  const names = namesakes.map(({ Names, Id }) => Names[0]?.replace(/^\//, '') ?? Id);
  throw new ChaosError(
    `${names.length} containers are ${target} (${names.toSorted().join(', ')}): remove all but one, or their label ${TARGET_LABEL}`,
  );
}

async function inspect(docker: Docker, id: string): Promise<FoundContainer> {
  const { State, Config, HostConfig, NetworkSettings, Id } = inspectedSchema.parse(
    await docker.getContainer(id).inspect(),
  );
  // While it is down only its configuration knows the port.
  const published = { ...HostConfig.PortBindings, ...NetworkSettings.Ports };
  const [binding] = Object.values(published).flatMap((bindings) => bindings ?? []);
  return {
    id: Id,
    target: Config.Labels[TARGET_LABEL] ?? '',
    service: Config.Labels[SERVICE_LABEL] ?? '',
    state: STATES[State.Status],
    pid: State.Pid === 0 ? undefined : State.Pid,
    environment: Object.fromEntries(Config.Env.map(splitVariable)),
    networks: Object.keys(NetworkSettings.Networks),
    url: binding === undefined ? undefined : `http://${binding.HostIp || '127.0.0.1'}:${binding.HostPort}`,
  };
}

const NOT_FOUND = 404;

/** Removed since it was listed. */
function ignoreNotFound(error: unknown): undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status !== NOT_FOUND) throw error;
}

function splitVariable(variable: string): readonly [name: string, value: string] {
  const [name = '', ...value] = variable.split('=');
  return [name, value.join('=')];
}
