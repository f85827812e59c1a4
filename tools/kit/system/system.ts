/** A running system as chaos sees it: processes to break, faults to inject, and the way back to health. */

/** `worker-2`, `coordinator` or `stack`: the name of one process. */
export type Target = string;

export type ProcessState =
  /** It answers, or is about to for the first time. */
  | 'running'
  /** It ended and comes back by itself, or is coming up again. */
  | 'restarting'
  /** Frozen with all its connections open, until it is resumed. */
  | 'paused'
  /** It stays down until it is started. */
  | 'stopped';

export interface ProcessView {
  readonly name: Target;
  readonly state: ProcessState;
  /** Absent while there is no process. */
  readonly pid?: number | undefined;
  /** Absent before it was ready for the first time. */
  readonly url?: string | undefined;
}

export interface FaultLimits {
  /** After that the plan before it is in force again. */
  readonly forMs?: number | undefined;
  /** The next so many invokes meet the fault for sure, whatever its probability. */
  readonly count?: number | undefined;
}

/** Of all that reaches the stack. What is absent does not happen. */
export interface NetworkFault {
  /** Added to every request, drawn from mean ± jitter. */
  readonly delayMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  /** Connections are reset, those that are open too. */
  readonly cut?: boolean | undefined;
  /** Until it is healed where absent. */
  readonly forMs?: number | undefined;
}

/** What is injected into one process at present. */
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
  /** What the stack wants of its callers as access key; any does where it is absent. */
  readonly stackAccessKeyId?: string | undefined;
  /** Where its queue and tables are; absent where it does not tell. */
  readonly stackRegion?: string | undefined;
  /** What it was started with, defaults included; absent where it does not tell. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Its stack keeps nothing when it ends, as LocalStack: who stops it empties it. */
  readonly stackIsVolatile: boolean;
  /** How many times as long as processes on the embedded stack it may take to come back. */
  readonly timeoutFactor: number;
  readonly workers: readonly { readonly id: string; readonly url: string }[];
  processes(): Promise<readonly ProcessView[]>;
  /** Of all that answer; nothing of those that inject nothing. */
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
  network(fault: NetworkFault): Promise<void>;
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

/** What was asked for cannot be done; the message is for the person who asked. */
export class ChaosError extends Error {
  override readonly name: string = 'ChaosError';
}

/** The words make no sense, whatever runs. */
export class UsageError extends ChaosError {
  override readonly name = 'UsageError';
}

/** There is no running system to break. */
export class NothingRunsError extends ChaosError {
  override readonly name = 'NothingRunsError';
}
