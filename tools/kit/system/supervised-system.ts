/** The system that `npm start` runs, broken and mended through its supervisor. */
import { readControlFile } from '../../../supervisor/control-file.js';
import {
  processListSchema,
  processViewSchema,
  type ProcessAction,
  type ControlFile,
} from '../../../contracts/control/control-protocol.js';
import { call, UnansweredError } from './call.js';
import { FaultClient } from './fault-client.js';
import { heal } from './heal.js';
import type { ProcessView } from '../../../contracts/control/control-protocol.js';
import type { NetworkFaultInput } from '../../../contracts/control/network-fault.js';
import type { FaultLimits } from '../../../contracts/worker/faults.js';
import { ChaosError, NothingRunsError, type ChaosSystem, type InjectedView, type Target } from './system.js';

/** A stop has a deadline of its own, a start another: whoever waits for both waits longer. */
const ACTION_TIMEOUT_MS = 90_000;

export interface StackCalls {
  /** @param accessKeyId what the stack wants of its callers, where it wants one */
  emptyQueue(stackUrl: string, region?: string, accessKeyId?: string): Promise<void>;
}

/** @throws NothingRunsError where no system runs on that data folder. */
export async function connectSupervised(dataFolder: string, stack: StackCalls): Promise<ChaosSystem> {
  const hint = 'start one with npm start, or name its data folder with --data';
  const found = await readControlFile(dataFolder);
  if (found === undefined) throw new NothingRunsError(`nothing runs on ${dataFolder}: ${hint}`);
  try {
    const processes = await listProcesses(found);
    const ownsStack = processes.some(({ name }) => name === 'stack');
    return new SupervisedSystem(found, ownsStack, stack);
  } catch (error) {
    if (!(error instanceof UnansweredError)) throw error;
    throw new NothingRunsError(
      `what ran on ${dataFolder} does not answer any more (process ${found.pid}): ${hint}`,
    );
  }
}

async function listProcesses({ controlUrl, token }: ControlFile): Promise<readonly ProcessView[]> {
  const list = await call('the supervisor', `${controlUrl}/processes`, processListSchema, { token });
  return list.processes;
}

class SupervisedSystem implements ChaosSystem {
  readonly coordinatorUrl: string;
  readonly stackUrl: string;
  readonly stackAccessKeyId: string | undefined;
  readonly stackRegion: string | undefined;
  readonly settings: ControlFile['settings'];
  readonly stackIsVolatile = false;
  readonly timeoutFactor = 1;
  readonly workers: ControlFile['workers'];
  readonly #file: ControlFile;
  readonly #faults: FaultClient;
  readonly #stack: StackCalls;

  constructor(file: ControlFile, ownsStack: boolean, stack: StackCalls) {
    const { coordinatorUrl, stackUrl = '', stackAccessKeyId, settings, workers, workerToken, token } = file;
    this.coordinatorUrl = coordinatorUrl;
    this.stackRegion = file.region;
    this.settings = settings;
    this.stackUrl = stackUrl;
    this.stackAccessKeyId = stackAccessKeyId;
    this.workers = workers;
    this.#file = file;
    this.#faults = new FaultClient({
      workers,
      workerToken,
      controlToken: token,
      stackUrl: ownsStack ? stackUrl : '',
    });
    this.#stack = stack;
  }

  processes(): Promise<readonly ProcessView[]> {
    return listProcesses(this.#file);
  }

  async injected(): Promise<readonly InjectedView[]> {
    const targets = [...this.workers.map(({ id }) => id), 'stack'];
    const found = await Promise.all(targets.map((target) => this.#look(target)));
    return found.filter((view) => view !== undefined);
  }

  kill(target: Target): Promise<void> {
    return this.#act(target, 'kill');
  }

  stop(target: Target): Promise<void> {
    return this.#act(target, 'stop');
  }

  start(target: Target): Promise<void> {
    return this.#act(target, 'start');
  }

  pause(target: Target): Promise<void> {
    return this.#act(target, 'pause');
  }

  resume(target: Target): Promise<void> {
    return this.#act(target, 'resume');
  }

  restart(target: Target, { empty = false }: { readonly empty?: boolean } = {}): Promise<void> {
    return this.#act(target, 'restart', empty);
  }

  fault(worker: Target, faults: string, limits: FaultLimits = {}): Promise<void> {
    return this.#faults.setFaults(worker, { faults, ...limits });
  }

  network(fault: NetworkFaultInput): Promise<void> {
    return this.#faults.setNetworkFault(fault);
  }

  emptyQueue(): Promise<void> {
    return this.#stack.emptyQueue(this.stackUrl, this.stackRegion, this.stackAccessKeyId);
  }

  heal(): Promise<readonly string[]> {
    return heal(this, (target) => this.#faults.clearFaults(target));
  }

  async #act(target: Target, action: ProcessAction, empty = false): Promise<void> {
    const { controlUrl, token } = this.#file;
    const path = `/processes/${encodeURIComponent(target)}/${action}${empty ? '?empty=true' : ''}`;
    const how = { method: 'POST', token, timeoutMs: ACTION_TIMEOUT_MS } as const;
    await call('the supervisor', controlUrl + path, processViewSchema, how);
  }

  async #look(target: Target): Promise<InjectedView | undefined> {
    try {
      return await this.#faults.getFaults(target);
    } catch (error) {
      if (error instanceof ChaosError) return undefined; // it is down, or knows no such thing
      throw error;
    }
  }
}
