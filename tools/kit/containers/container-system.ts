/** The system that Docker Compose runs, broken and mended through the container engine. */
import type Docker from 'dockerode';
import { setTimeout as pause } from 'node:timers/promises';
import { describeWorkSettings } from '../../../contracts/settings/work-settings.js';
import { messageOf } from '../../../contracts/common/text.js';
import { readAnswer, UnansweredError, type CallJson } from '../system/call.js';
import { FaultClient } from '../system/fault-client.js';
import { heal } from '../system/heal.js';
import type { StackCalls } from '../system/supervised-system.js';
import type { ProcessView } from '../../../contracts/control/control-protocol.js';
import type { NetworkFaultInput } from '../../../contracts/control/network-fault.js';
import type { FaultLimits } from '../../../contracts/worker/faults.js';
import {
  ChaosError,
  NothingRunsError,
  UsageError,
  type ChaosSystem,
  type InjectedView,
  type Target,
} from '../system/system.js';
import { callInContainer, execInContainer } from './call-in-container.js';
import { findContainers, type FoundContainer } from './engine.js';
import { runLater, type ScheduledWork } from './run-later.js';
import { connectStack, cutStack, isCut } from './stack-network.js';

export interface ContainerStackCalls extends StackCalls {
  /** Resolves where it answers. */
  checkReachable(stackUrl: string, region?: string): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 250;
const GRACE_SECONDS = 20;
/** Containers take seconds to start, LocalStack eight; its calls take five times as long. */
const TIMEOUT_FACTOR = 2;
/** Ports of the processes, which also listen on the loopback of their container. */
const PORTS = { worker: 9001, coordinator: 8080, stack: 4566 } as const;

/** @throws NothingRunsError where no engine answers, or it runs none */
export async function connectContainers(
  docker: Docker,
  project: string | undefined,
  stack: ContainerStackCalls,
): Promise<ChaosSystem> {
  const found = await findContainers(docker, project);
  const coordinator = found.get('coordinator');
  if (coordinator?.url === undefined) {
    throw new NothingRunsError('there are containers of Boomerang, but no coordinator with a published port');
  }
  return new ContainerSystem(docker, project, found, coordinator, stack);
}

class ContainerSystem implements ChaosSystem {
  readonly coordinatorUrl: string;
  readonly stackUrl: string;
  readonly stackRegion: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly stackIsVolatile: boolean;
  readonly timeoutFactor = TIMEOUT_FACTOR;
  readonly workers: ChaosSystem['workers'];
  readonly #docker: Docker;
  readonly #project: string | undefined;
  readonly #faults: FaultClient;
  readonly #stack: ContainerStackCalls;
  #reconnection: ScheduledWork | undefined;

  constructor(
    docker: Docker,
    project: string | undefined,
    found: ReadonlyMap<Target, FoundContainer>,
    coordinator: FoundContainer,
    stack: ContainerStackCalls,
  ) {
    const workers = [...found.values()].filter(({ target }) => !['coordinator', 'stack'].includes(target));
    this.#docker = docker;
    this.#project = project;
    this.#stack = stack;
    this.coordinatorUrl = coordinator.url ?? '';
    this.stackRegion = coordinator.environment['AWS_REGION'];
    this.stackUrl = found.get('stack')?.url ?? '';
    this.stackIsVolatile = folderOfStack(found.get('stack')) === undefined;
    this.settings = {
      ...describeWorkSettings(coordinator.environment),
      FAULTS: workers[0]?.environment['FAULTS'] ?? '',
    };
    const addressed = workers.map(({ target: id }) => ({ id, url: `http://127.0.0.1:${PORTS.worker}` }));
    this.workers = addressed;
    const stackUrl = this.stackIsVolatile ? '' : `http://127.0.0.1:${PORTS.stack}`;
    this.#faults = new FaultClient({ workers: addressed, workerToken: '', stackUrl }, this.#askInside);
  }

  async processes(): Promise<readonly ProcessView[]> {
    const found = await this.#find();
    return [...found.values()].map(({ target, state, pid, url }) => ({ name: target, state, pid, url }));
  }

  async injected(): Promise<readonly InjectedView[]> {
    const found = await this.#find();
    const cut: readonly InjectedView[] = isCut(found) ? [{ target: 'stack', what: 'cut' }] : [];
    const running = [...found.values()].filter(({ state }) => state === 'running');
    const views = await Promise.all(
      running.filter(({ target }) => target !== 'coordinator').map(({ target }) => this.#look(target)),
    );
    return [...views.filter((view) => view !== undefined), ...cut];
  }

  /** Its engine takes a killed container for one that is not wanted any more: it is started again at once. */
  async kill(target: Target): Promise<void> {
    const { id, state } = await this.#one(target);
    if (state === 'stopped') throw new ChaosError(`${target} is stopped, so there is nothing to kill`);
    if (state !== 'restarting') await this.#docker.getContainer(id).kill();
    await this.#docker.getContainer(id).start().catch(ignoreNotModified);
  }

  async stop(target: Target): Promise<void> {
    const { id, state } = await this.#one(target);
    const container = this.#docker.getContainer(id);
    if (state === 'paused') await container.unpause().catch(ignoreNotModified);
    await container.stop({ t: GRACE_SECONDS }).catch(ignoreNotModified);
  }

  async start(target: Target): Promise<void> {
    const { id, state } = await this.#one(target);
    if (state === 'paused') throw new ChaosError(`${target} is paused: resume it`);
    await this.#docker.getContainer(id).start().catch(ignoreNotModified);
    await this.#untilReady(target);
  }

  async pause(target: Target): Promise<void> {
    const { id, state } = await this.#one(target);
    if (state === 'paused') return;
    if (state !== 'running') throw new ChaosError(`${target} cannot be paused: it is ${state}`);
    await this.#docker.getContainer(id).pause();
  }

  async resume(target: Target): Promise<void> {
    const { id, state } = await this.#one(target);
    if (state === 'paused') await this.#docker.getContainer(id).unpause();
  }

  async restart(target: Target, { empty = false }: { readonly empty?: boolean } = {}): Promise<void> {
    if (empty && target !== 'stack') throw new UsageError('only the stack can be restarted empty');
    if (empty) await this.#emptyStack();
    else await this.stop(target);
    await this.start(target);
  }

  fault(worker: Target, faults: string, limits: FaultLimits = {}): Promise<void> {
    return this.#faults.setFaults(worker, { faults, ...limits });
  }

  async network(fault: NetworkFaultInput): Promise<void> {
    const { cut = false, forMs } = fault;
    if (!cut && this.stackIsVolatile)
      throw new ChaosError('latency can be added by the embedded stack alone, and this is another one');
    if (!cut) return this.#faults.setNetworkFault(fault);
    await cutStack(this.#docker, await this.#find());
    this.#reconnection?.cancel();
    if (forMs === undefined) return;
    this.#reconnection = runLater(forMs, () => this.#connectStack().catch(() => undefined));
  }

  emptyQueue(): Promise<void> {
    return this.#stack.emptyQueue(this.stackUrl, this.stackRegion);
  }

  heal(): Promise<readonly string[]> {
    return heal(this, (target) =>
      target === 'stack' ? this.#clearStackFaults() : this.#faults.clearFaults(target),
    );
  }

  readonly #askInside: CallJson = async (who, url, schema, options = {}) => {
    const { id } = await this.#one(who.replace(/^the /, ''));
    return readAnswer(who, schema, await callInContainer(this.#docker, id, who, url, options));
  };

  #find(): Promise<ReadonlyMap<Target, FoundContainer>> {
    return findContainers(this.#docker, this.#project);
  }

  async #one(target: Target): Promise<FoundContainer> {
    const found = (await this.#find()).get(target);
    if (found === undefined) throw new ChaosError(`there is no container of ${target} any more`);
    return found;
  }

  async #look(target: Target): Promise<InjectedView | undefined> {
    try {
      return await this.#faults.getFaults(target);
    } catch (error) {
      if (error instanceof ChaosError) return undefined; // it is down, or knows no such thing
      throw error;
    }
  }

  async #clearStackFaults(): Promise<string | undefined> {
    const wasCut = isCut(await this.#find());
    if (wasCut) {
      await this.#connectStack();
      await this.#untilReady('stack');
    }
    const injected = await this.#look('stack');
    if (injected !== undefined) return this.#faults.clearFaults('stack');
    return wasCut ? 'stack: connected again' : undefined;
  }

  async #connectStack(): Promise<void> {
    this.#reconnection?.cancel();
    await connectStack(this.#docker, await this.#find());
  }

  async #emptyStack(): Promise<void> {
    const stack = await this.#one('stack');
    const { id, state } = stack;
    const container = this.#docker.getContainer(id);
    const folder = folderOfStack(stack);
    if (folder !== undefined) {
      // No program runs in one that does not.
      if (state === 'paused') await container.unpause().catch(ignoreNotModified);
      else await container.start().catch(ignoreNotModified);
      await execInContainer(this.#docker, id, ['rm', '-rf', folder]);
    }
    if (folder !== undefined || state === 'running' || state === 'paused') await container.kill();
  }

  async #untilReady(target: Target): Promise<void> {
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const problem = await this.#problemOf(target);
      if (problem === undefined) return;
      if (performance.now() > deadlineMs) throw new ChaosError(problem);
      await pause(POLL_EVERY_MS);
    }
  }

  async #problemOf(target: Target): Promise<string | undefined> {
    try {
      // Cut off, it answers nobody, however well it runs.
      if (target === 'stack' && isCut(await this.#find())) return undefined;
      if (target === 'stack') await this.#stack.checkReachable(this.stackUrl, this.stackRegion);
      else await this.#askHealth(target);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #askHealth(target: Target): Promise<void> {
    const { id } = await this.#one(target);
    const port = target === 'coordinator' ? PORTS.coordinator : PORTS.worker;
    const url = `http://127.0.0.1:${port}/healthz`;
    const { status } = await callInContainer(this.#docker, id, target, url, {});
    if (status >= 300) throw new UnansweredError(`${target} is not ready: HTTP ${status}`);
  }
}

/** LocalStack keeps nothing; the project's own stack keeps its tables in a folder. */
function folderOfStack(stack: FoundContainer | undefined): string | undefined {
  return stack?.environment['STACK_DATA'];
}

const NOT_MODIFIED = 304;

/** The engine reports 304 where a container is in the requested state already. */
function ignoreNotModified(error: unknown): void {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status !== NOT_MODIFIED) throw error;
}
