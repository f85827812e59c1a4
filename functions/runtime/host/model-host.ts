/**
 * Keeps the function running in a process of its own, and replaces the process when the function fails:
 *
 *     loading ── loaded ──> running <── loaded again ── restarting ── cannot be loaded, ended again and again ──> lost
 *                             │  └── a run past its limit, too much memory, ──> │
 *                             │      no sign of life, ended by itself           │
 *                             └── stop ──> stopped <── stop ────────────────────┘
 *
 * The run that caused the failure is rejected with it. The other runs are run again, each alone, so that the next
 * failure has one possible cause.
 */
import {
  FUNCTION_EXITED,
  FUNCTION_OUT_OF_MEMORY,
  FUNCTION_TIMED_OUT,
} from '../../../contracts/worker/invoke.js';
import type { Clock } from '../../../contracts/system/clock.js';
import type { Logger } from '../../../contracts/system/logger.js';
import { invariant } from '../../../contracts/common/invariant.js';
import { messageOf } from '../../../contracts/common/text.js';
import { loadFunctionProcess, type LoadedFunctionProcess } from './function-process.js';
import { HostedRuns, type HostedRun, type RunOptions } from './hosted-runs.js';
import { RunFailure } from './run-failure.js';
import type { FunctionSource, MessageFromFunction } from './function-messages.js';
import { FunctionWatch } from './function-watch.js';

export interface FunctionCondition {
  readonly state: 'running' | 'restarting';
  /** How long the function has not answered. 0 if it does. */
  readonly unresponsiveMs: number;
}

export interface ModelHost {
  /** The model's name, for people. */
  readonly model: string;
  /** How many runs the function accepts at the same time. */
  readonly listsAtOnce: number;
  /**
   * Resolves with the raw answer of the function, or `undefined` if the run was abandoned before its turn.
   * @throws RunFailure
   */
  run(inputs: readonly string[], options?: RunOptions): Promise<unknown>;
  condition(): FunctionCondition;
  /** The listener is called when the condition may have changed, and often in between. */
  onChange(listener: () => void): void;
  /** Waits a short time for the runs in progress. */
  stop(): Promise<void>;
  /** Ends the function at once and starts no other. */
  kill(): void;
}

export interface FunctionLimits {
  /** The time limit of one run, from its dispatch to the function. */
  readonly timeoutMs: number;
  /** Limit of the heap of the function, and of the memory growth of its process since the load. */
  readonly memoryMb: number;
}

export interface HostParts {
  readonly limits: FunctionLimits;
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly logger: Logger;
  /** Called when the function cannot be kept running. */
  readonly onLost: (error: Error) => void;
}

/** The model is on the disk by now. */
const RELOAD_TIMEOUT_MS = 60_000;
/** A function that ends without a run would do so forever. */
const MAX_ENDS_WITHOUT_RUN = 3;
const STOP_TIMEOUT_MS = 1000;

/** Resolves when the function is loaded; rejects with the function's own reason where it cannot be. */
export async function startModelHost(source: FunctionSource, parts: HostParts): Promise<ModelHost> {
  return new FunctionHost(source, parts, await loadFunctionProcess(source, parts.limits.memoryMb));
}

type HostState =
  | { readonly kind: 'loading' | 'restarting' | 'stopped' | 'lost' }
  | { readonly kind: 'running'; readonly process: LoadedFunctionProcess; readonly watch: FunctionWatch };

const NEXT_STATES: Readonly<Record<HostState['kind'], readonly HostState['kind'][]>> = {
  loading: ['running'],
  running: ['restarting', 'stopped'],
  restarting: ['running', 'stopped', 'lost'],
  stopped: [],
  lost: ['stopped'],
};

class FunctionHost implements ModelHost {
  readonly model: string;
  readonly listsAtOnce: number;
  readonly #source: FunctionSource;
  readonly #parts: HostParts;
  readonly #runs = new HostedRuns();
  readonly #listeners: (() => void)[] = [];
  readonly #stopping = new AbortController();
  #state: HostState = { kind: 'loading' };
  /** The run that started last, until the function answers a ping. */
  #startingId: number | undefined;
  #endsWithoutRun = 0;

  constructor(source: FunctionSource, parts: HostParts, process: LoadedFunctionProcess) {
    this.#source = source;
    this.#parts = parts;
    this.model = process.model;
    this.listsAtOnce = process.listsAtOnce;
    this.#startServing(process);
  }

  run(inputs: readonly string[], options: RunOptions = {}): Promise<unknown> {
    if (this.#state.kind === 'stopped') return Promise.reject(stoppedFailure());
    const answer = this.#runs.add(inputs, options);
    this.#dispatchRuns();
    return answer;
  }

  condition(): FunctionCondition {
    return this.#state.kind === 'running'
      ? { state: 'running', unresponsiveMs: this.#state.watch.unresponsiveMs }
      : { state: 'restarting', unresponsiveMs: 0 };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#state.kind !== 'running') {
      this.#runs.rejectAll(stoppedFailure());
      return;
    }
    const { process, watch } = this.#state;
    if (watch.isResponsive) await this.#resultWithin(STOP_TIMEOUT_MS, this.#runs.untilNoneDispatched());
    if (this.#runningProcess() === process) this.#enter({ kind: 'stopped' }); // it may have ended meanwhile
    watch.stop();
    const isIdle = this.#runs.dispatched().length === 0;
    this.#runs.rejectAll(stoppedFailure());
    if (isIdle) process.disconnect();
    if (isIdle && (await this.#resultWithin(STOP_TIMEOUT_MS, process.ended)) !== undefined) return;
    process.kill();
    await process.ended;
  }

  kill(): void {
    this.#stopping.abort();
    this.#runningProcess()?.kill();
  }

  #startServing(process: LoadedFunctionProcess): void {
    const watch = new FunctionWatch({
      clock: this.#parts.clock,
      ping: () => process.send({ type: 'ping' }),
      readMemoryBytes: () => process.readMemoryBytes(),
      onTick: (stepMs) => this.#tick(stepMs),
    });
    this.#startingId = undefined;
    this.#enter({ kind: 'running', process, watch });
    process.onMessage((message) => this.#handleMessage(message, watch));
    void process.ended.then((failure) => {
      if (this.#runningProcess() === process) void this.#replace(failure, this.#suspectedRun());
    });
    this.#dispatchRuns();
    this.#notify();
  }

  /** Sends runs to the function in order of arrival, and none beside a run that must be alone. */
  #dispatchRuns(): void {
    const process = this.#runningProcess();
    if (process === undefined) return;
    for (const { id, inputs, options } of this.#runs.takeReady())
      process.send({ type: 'run', id, inputs: [...inputs], fault: options.fault });
  }

  #handleMessage(message: MessageFromFunction, watch: FunctionWatch): void {
    switch (message.type) {
      case 'pong':
        this.#startingId = undefined;
        watch.recordPong();
        return;
      case 'starting':
        this.#startingId = message.id;
        return;
      case 'ran':
        this.#endsWithoutRun = 0;
        this.#runs.resolve(message.id, message.answer);
        break;
      case 'run-failed':
        this.#runs.reject(message.id, new RunFailure(message.code, message.message, message.stack));
        break;
      case 'loaded':
      case 'load-failed':
        return;
      default:
        message satisfies never;
    }
    this.#dispatchRuns();
  }

  #tick(stepMs: number): void {
    if (this.#state.kind !== 'running') return;
    const { watch } = this.#state;
    this.#notify();
    const { timeoutMs, memoryMb } = this.#parts.limits;
    const handedOver = this.#runs.dispatched();
    const blocking = watch.isBlocked ? this.#startingRun() : undefined;
    for (const run of blocking === undefined ? handedOver : [blocking]) run.heldMs += stepMs;
    if (watch.memoryGrowthMb > memoryMb) {
      void this.#replace(memoryFailure(watch.memoryGrowthMb, memoryMb), this.#suspectedRun());
      return;
    }
    const overdue = handedOver.find(({ heldMs }) => heldMs >= timeoutMs);
    const isStuck = handedOver.length === 0 && watch.unresponsiveMs >= timeoutMs;
    if (overdue !== undefined || isStuck) void this.#replace(timeoutFailure(timeoutMs), overdue);
  }

  /** The only run in the function, or the run that blocks it. `undefined` if it may be any of several. */
  #suspectedRun(): HostedRun | undefined {
    const handedOver = this.#runs.dispatched();
    return handedOver.length === 1 ? handedOver[0] : this.#startingRun();
  }

  /** The run that started last, if the function has done nothing else since. */
  #startingRun(): HostedRun | undefined {
    return this.#runs.dispatched().find(({ id }) => id === this.#startingId);
  }

  async #replace(failure: RunFailure, blamed: HostedRun | undefined): Promise<void> {
    if (this.#state.kind !== 'running') return;
    const { process, watch } = this.#state;
    const { logger } = this.#parts;
    const { code, message, functionStack } = failure;
    this.#enter({ kind: 'restarting' });
    watch.stop();
    process.kill();
    const runs = this.#runs.dispatched().length;
    const { unresponsiveMs } = watch;
    logger.error({ code, message, runs, unresponsiveMs, stack: functionStack }, 'function.ended');
    this.#notify();
    if (blamed !== undefined) this.#runs.reject(blamed.id, failure);
    await process.ended;
    this.#runs.requeueDispatched();
    this.#endsWithoutRun = runs === 0 ? this.#endsWithoutRun + 1 : 0;
    if (this.#stopping.signal.aborted) this.#endStopped();
    else if (this.#endsWithoutRun >= MAX_ENDS_WITHOUT_RUN) this.#lose(failure);
    else await this.#reload();
  }

  async #reload(): Promise<void> {
    const { clock, limits, logger } = this.#parts;
    const startedAt = clock.monotonic();
    const giveUp = new AbortController();
    const cancel = clock.timer(RELOAD_TIMEOUT_MS, () => giveUp.abort());
    try {
      const signal = AbortSignal.any([giveUp.signal, this.#stopping.signal]);
      const process = await loadFunctionProcess(this.#source, limits.memoryMb, signal);
      if (this.#stopping.signal.aborted) {
        process.kill();
        this.#endStopped();
        return;
      }
      logger.info({ loadMs: Math.round(clock.monotonic() - startedAt) }, 'function.restarted');
      this.#startServing(process);
    } catch (error) {
      if (this.#stopping.signal.aborted) this.#endStopped();
      else {
        this.#runs.rejectAll(new RunFailure(FUNCTION_EXITED, messageOf(error)));
        this.#lose(error instanceof Error ? error : new Error(messageOf(error)));
      }
    } finally {
      cancel();
    }
  }

  /** The value of the promise, or `undefined` after the time limit. */
  async #resultWithin<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
    let cancel: () => void = () => undefined;
    const timeUp = new Promise<undefined>((resolve) => {
      cancel = this.#parts.clock.timer(ms, () => resolve(undefined));
    });
    try {
      return await Promise.race([promise, timeUp]);
    } finally {
      cancel();
    }
  }

  #enter(next: HostState): void {
    const { kind } = this.#state;
    invariant(NEXT_STATES[kind].includes(next.kind), `a function that is ${kind} cannot become ${next.kind}`);
    this.#state = next;
  }

  #runningProcess(): LoadedFunctionProcess | undefined {
    return this.#state.kind === 'running' ? this.#state.process : undefined;
  }

  /** Asked to stop while no process is running. */
  #endStopped(): void {
    this.#enter({ kind: 'stopped' });
    this.#runs.rejectAll(stoppedFailure());
  }

  #lose(error: Error): void {
    this.#enter({ kind: 'lost' });
    this.#parts.onLost(error);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function memoryFailure(grownMb: number, memoryMb: number): RunFailure {
  const grown = `${Math.round(grownMb)} MB beyond what the loaded function takes`;
  return new RunFailure(FUNCTION_OUT_OF_MEMORY, `the function took ${grown}, more than ${memoryMb}`);
}

function timeoutFailure(timeoutMs: number): RunFailure {
  return new RunFailure(FUNCTION_TIMED_OUT, `the function gave no answer within ${timeoutMs} ms`);
}

function stoppedFailure(): RunFailure {
  return new RunFailure(FUNCTION_TIMED_OUT, 'the worker stops, and its function has no answer yet');
}
