/** Where faults are injected from outside: `/faults` of the workers, `/_boomerang/network` of the embedded stack. */
import { faultsViewSchema, type PutFaults } from '../../../contracts/worker/faults.js';
import { call, type CallJson, type Call } from './call.js';
import {
  NETWORK_PATH,
  networkFaultViewSchema,
  type NetworkFaultInput,
  type NetworkFaultView,
} from '../../../contracts/control/network-fault.js';
import { ChaosError, UsageError, type InjectedView, type Target } from './system.js';

/** A paused process answers nothing, and nobody waits long for what is only shown. */
const VIEW: Call = { timeoutMs: 1000 };

export interface FaultAddresses {
  readonly workers: readonly { readonly id: string; readonly url: string }[];
  readonly workerToken: string;
  /** The token of the stack's network route; not needed for calls from within a container. */
  readonly controlToken?: string;
  /** Empty where the stack is none of ours. */
  readonly stackUrl: string;
}

export class FaultClient {
  readonly #at: FaultAddresses;
  readonly #ask: CallJson;

  constructor(at: FaultAddresses, ask: CallJson = call) {
    this.#at = at;
    this.#ask = ask;
  }

  async setFaults(worker: Target, body: PutFaults): Promise<void> {
    await this.#faults(worker, { method: 'PUT', body });
  }

  async setNetworkFault(body: NetworkFaultInput): Promise<void> {
    await this.#network({ method: 'PUT', body });
  }

  /** Returns the fault that is injected there, if any. */
  async getFaults(target: Target): Promise<InjectedView | undefined> {
    return target === 'stack' ? this.#lookAtNetwork() : this.#lookAtWorker(target);
  }

  /** Ends what is injected there; tells what it was. */
  async clearFaults(target: Target): Promise<string | undefined> {
    const found = await this.getFaults(target);
    if (found === undefined) return undefined;
    if (target === 'stack') await this.#network({ method: 'DELETE' });
    else await this.#faults(target, { method: 'DELETE' });
    return target === 'stack' ? `stack: ${found.what} off` : `${target}: faults off (${found.what})`;
  }

  async #lookAtWorker(target: Target): Promise<InjectedView | undefined> {
    const { faults: what, beneath, leftMs, countLeft } = await this.#faults(target, VIEW);
    const isNothing = what === 'none' && beneath.length === 0;
    return isNothing ? undefined : { target, what, leftMs, countLeft };
  }

  async #lookAtNetwork(): Promise<InjectedView | undefined> {
    if (this.#at.stackUrl === '') return undefined;
    const { leftMs, ...view } = await this.#network(VIEW);
    const what = describeNetwork(view);
    return what === undefined ? undefined : { target: 'stack', what, leftMs };
  }

  #faults(worker: Target, how: Call) {
    const { workers, workerToken: token } = this.#at;
    const url = workers.find(({ id }) => id === worker)?.url;
    if (url === undefined) throw new UsageError(`${worker} is no worker: only workers inject faults`);
    return this.#ask(worker, `${url}/faults`, faultsViewSchema, { ...how, token });
  }

  #network(how: Call): Promise<NetworkFaultView> {
    const { stackUrl, controlToken: token } = this.#at;
    if (stackUrl === '') throw new ChaosError('the stack is none of ours: its network stays as it is');
    return this.#ask('the stack', stackUrl + NETWORK_PATH, networkFaultViewSchema, {
      ...how,
      ...(token !== undefined && { token }),
    });
  }
}

/** `cut` or `latency 200±50 ms`; absent where the network is as it should be. */
export function describeNetwork({
  delayMs,
  jitterMs,
  cut,
}: Omit<NetworkFaultView, 'leftMs'>): string | undefined {
  if (cut) return 'cut';
  if (delayMs === 0 && jitterMs === 0) return undefined;
  return `latency ${delayMs}${jitterMs === 0 ? '' : `±${jitterMs}`} ms`;
}
