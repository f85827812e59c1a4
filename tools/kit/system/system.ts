/** A running system as chaos sees it: processes to break, faults to inject, and the way back to health. */

import type { ProcessView } from '../../../contracts/control/control-protocol.js';
import type { NetworkFaultInput } from '../../../contracts/control/network-fault.js';
import type { FaultLimits } from '../../../contracts/worker/faults.js';

/** `worker-2`, `coordinator` or `stack`: the name of one process. */
export type Target = string;

/** The fault that is injected into one process at present. */
export interface InjectedView {
  readonly target: Target;
  /** `error=0.5` of a worker, `latency 200±50 ms` or `cut` of the stack. */
  readonly what: string;
  readonly leftMs?: number | undefined;
  readonly countLeft?: number | undefined;
}

/** Every method throws `ChaosError` where what it asks for cannot be done. */
export interface ChaosSystem {
  readonly coordinatorUrl: string;
  readonly stackUrl: string;
  /** The access key that the stack requires; absent where it accepts any. */
  readonly stackAccessKeyId?: string | undefined;
  /** Where its queue and tables are; absent where it does not tell. */
  readonly stackRegion?: string | undefined;
  /** The settings of the system, defaults included; absent where they are unknown. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Its stack keeps nothing when it ends, as LocalStack: who stops it empties it. */
  readonly stackIsVolatile: boolean;
  /** How many times as long as processes on the embedded stack it may take to come back. */
  readonly timeoutFactor: number;
  readonly workers: readonly { readonly id: string; readonly url: string }[];
  processes(): Promise<readonly ProcessView[]>;
  /** The faults of all processes that respond. */
  injected(): Promise<readonly InjectedView[]>;
  /** SIGKILL. It comes back by itself. */
  kill(target: Target): Promise<void>;
  /** Asked to end; resolves when it has, and stays down until `start`. */
  stop(target: Target): Promise<void>;
  /** Resolves when it is ready. */
  start(target: Target): Promise<void>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  pause(target: Target): Promise<void>;
  resume(target: Target): Promise<void>;
  /** Stopped in order and started again; resolves when it is ready. `empty` (stack only): killed, its data deleted. */
  restart(target: Target, options?: { readonly empty?: boolean }): Promise<void>;
  /** Replaces the plan of one worker by `faults`, written as contracts/worker/faults.ts reads them. */
  fault(worker: Target, faults: string, limits?: FaultLimits): Promise<void>;
  network(fault: NetworkFaultInput): Promise<void>;
  /** Every message is gone, as if the queue had lost them. */
  emptyQueue(): Promise<void>;
  /** Undoes all of the above that lasts; resolves with what there was to undo, one line each. */
  heal(): Promise<readonly string[]>;
}

/** Which of the systems of this machine is meant. */
export interface SystemChoice {
  /** Its data folder; absent: the usual one, or, where nothing runs on that, the one in containers. */
  readonly data?: string | undefined;
  /** The one that Docker Compose runs. */
  readonly containers?: boolean | undefined;
}

/** The request cannot be done; the message is for the user. */
export class ChaosError extends Error {
  override readonly name: string = 'ChaosError';
}

/** The request is wrong, whatever system runs. */
export class UsageError extends ChaosError {
  override readonly name = 'UsageError';
}

/** There is no running system to break. */
export class NothingRunsError extends ChaosError {
  override readonly name = 'NothingRunsError';
}
