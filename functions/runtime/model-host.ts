/**
 * Keeps the function running in a thread, and replaces the thread where it does not do what it should:
 *
 *     running ── a run past its limit, too much memory, no sign of life, ended by itself ──> restarting
 *        ^  │                                                                               │    │
 *        │  └── stop ──> stopped <── stop ─────────────────────────────────────────────────┘    │
 *        └────────────────────────────────── loaded again ───────────────────────────────────────┤
 *                                            lost <── cannot be loaded, ends again and again ────┘
 *
 * Whose fault it was is told by its run's failure; the other runs of that thread are run again, each alone, so that the
 * next time there is no doubt.
 */
import { FUNCTION_OUT_OF_MEMORY, FUNCTION_TIMED_OUT } from '../../contracts/invoke.js';
import type { Clock, Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { loadThread, type LoadedThread } from './function-thread.js';
import { HostedRuns, type HostedRun, type RunOptions } from './hosted-runs.js';
import { RunFailure } from './run-failure.js';
import type { FunctionSource, MessageFromThread } from './thread-messages.js';
import { ThreadWatch } from './thread-watch.js';

export interface FunctionCondition {
  readonly state: 'running' | 'restarting';
  /** How long the function's thread has not answered; 0 where it does. */
  readonly unresponsiveMs: number;
}

export interface ModelHost {
  /** The model's name, for people. */
  readonly model: string;
  /** How many runs the function wants to have at the same time. */
  readonly listsAtOnce: number;
  /**
   * What the function answered, as it came; nothing where the run was abandoned before its turn.
   * @throws RunFailure
   */
  run(inputs: readonly string[], options?: RunOptions): Promise<unknown>;
  condition(): FunctionCondition;
  /** Called when the condition may have changed, and many times between. */
  onChange(listener: () => void): void;
  /** Waits a moment for the runs in progress: a thread that is ended during one may take the process with it. */
  stop(): Promise<void>;
}

export interface FunctionLimits {
  /** Of one run, from when the thread has it. */
  readonly timeoutMs: number;
  /** Of the thread's heap, and of what the process takes beyond what it took when the function was loaded. */
  readonly memoryMb: number;
}

export interface HostParts {
  readonly limits: FunctionLimits;
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly logger: Logger;
  /** The function cannot be kept running, for this reason. */
  readonly onLost: (error: Error) => void;
  /** Ends the process at once: a thread that cannot be ended would keep it from exiting. */
  readonly kill: () => void;
}

/** For the answers that say why to leave the process, which may end with its thread. */
const FAREWELL_MS = 500;
/** Native code cannot be interrupted. */
const TERMINATE_MS = 2000;
/** The model lies on the disk by now. */
const RELOAD_MS = 60_000;
/** A function that ends its thread without any run in it would do so for ever. */
const MAX_ENDS_WITHOUT_RUN = 3;
const STOP_PATIENCE_MS = 1000;

/** Resolves when the function is loaded; rejects with the function's own reason where it cannot be. */
export async function startModelHost(source: FunctionSource, parts: HostParts): Promise<ModelHost> {
  const thread = await loadThread(source, parts.limits.memoryMb);
  return new FunctionHost(source, parts, thread);
}

class FunctionHost implements ModelHost {
  readonly model: string;
  readonly listsAtOnce: number;
  readonly #source: FunctionSource;
  readonly #parts: HostParts;
  readonly #runs = new HostedRuns();
  readonly #listeners: (() => void)[] = [];
  /** Absent while there is none: the function restarts, or is stopped. */
  #running: { readonly thread: LoadedThread; readonly watch: ThreadWatch } | undefined;
  #isStopping = false;
  #endsWithoutRun = 0;

  constructor(source: FunctionSource, parts: HostParts, thread: LoadedThread) {
    this.#source = source;
    this.#parts = parts;
    this.model = thread.model;
    this.listsAtOnce = thread.listsAtOnce;
    this.#serveWith(thread);
  }

  run(inputs: readonly string[], options: RunOptions = {}): Promise<unknown> {
    const answer = this.#runs.add(inputs, options);
    this.#handOver();
    return answer;
  }

  condition(): FunctionCondition {
    const { watch } = this.#running ?? {};
    return watch === undefined
      ? { state: 'restarting', unresponsiveMs: 0 }
      : { state: 'running', unresponsiveMs: watch.silentMs };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = this.#running;
    if (running === undefined) return this.#runs.rejectAll(stopped());
    const { thread, watch } = running;
    if (watch.isResponsive) await this.#within(STOP_PATIENCE_MS, this.#runs.untilNoneInThread());
    watch.stop();
    this.#running = undefined;
    const isIdle = this.#runs.inThread().length === 0;
    this.#runs.rejectAll(stopped());
    if (isIdle) thread.tell({ type: 'stop' });
    if (isIdle && (await this.#within(STOP_PATIENCE_MS, thread.ended))) return;
    await this.#terminate(thread);
  }

  #serveWith(thread: LoadedThread): void {
    const { clock } = this.#parts;
    const watch = new ThreadWatch({
      clock,
      ping: () => thread.tell({ type: 'ping' }),
      onTick: (stepMs) => this.#tick(stepMs),
    });
    this.#running = { thread, watch };
    thread.onMessage((message) => this.#take(message, watch));
    void thread.ended.then((failure) => {
      if (this.#running?.thread === thread) void this.#replace(failure, this.#blamed(thread));
    });
    this.#handOver();
    this.#notify();
  }

  /** To the thread, in order of arrival, and nothing beside a run that has to be alone. */
  #handOver(): void {
    const { thread } = this.#running ?? {};
    if (thread === undefined) return;
    for (const { id, inputs, options } of this.#runs.takeReady())
      thread.tell({ type: 'run', id, inputs, fault: options.fault });
  }

  #take(message: MessageFromThread, watch: ThreadWatch): void {
    if (message.type === 'pong') watch.answered();
    if (message.type === 'ran') {
      this.#endsWithoutRun = 0;
      this.#runs.resolve(message.id, message.answer);
    }
    if (message.type === 'run-failed')
      this.#runs.reject(message.id, new RunFailure('function_failed', message.message, message.stack));
    if (message.type === 'ran' || message.type === 'run-failed') this.#handOver();
  }

  #tick(stepMs: number): void {
    const { thread, watch } = this.#running ?? {};
    if (thread === undefined || watch === undefined) return;
    this.#notify();
    const { timeoutMs, memoryMb } = this.#parts.limits;
    const inThread = this.#runs.inThread();
    const blocking = watch.isBlocked ? this.#starting(thread) : undefined;
    for (const run of blocking === undefined ? inThread : [blocking]) run.heldMs += stepMs;
    if (watch.grownMb > memoryMb) {
      void this.#replace(tookTooMuch(watch.grownMb, memoryMb), this.#blamed(thread));
      return;
    }
    const overdue = inThread.find(({ heldMs }) => heldMs >= timeoutMs);
    const isStuck = inThread.length === 0 && watch.silentMs >= timeoutMs;
    if (overdue !== undefined || isStuck) void this.#replace(timedOut(timeoutMs), overdue);
  }

  /** The only run in the thread, or the one whose code keeps it from its event loop; none where it may be any of them. */
  #blamed(thread: LoadedThread): HostedRun | undefined {
    const inThread = this.#runs.inThread();
    return inThread.length === 1 ? inThread[0] : this.#starting(thread);
  }

  #starting(thread: LoadedThread): HostedRun | undefined {
    const id = thread.startingRunId();
    return this.#runs.inThread().find((run) => run.id === id);
  }

  async #replace(failure: RunFailure, blamed: HostedRun | undefined): Promise<void> {
    const { thread, watch } = this.#running ?? {};
    if (thread === undefined || watch === undefined) return;
    const { logger, onLost } = this.#parts;
    const { code, message, functionStack } = failure;
    this.#running = undefined;
    watch.stop();
    const held = this.#runs.inThread();
    logger.error(
      { code, message, runs: held.length, silentMs: watch.silentMs, stack: functionStack },
      'function.ended',
    );
    this.#notify();
    if (blamed !== undefined) {
      this.#runs.reject(blamed.id, failure);
      await this.#within(FAREWELL_MS, Promise.resolve(blamed.options.answered));
    }
    await this.#terminate(thread);
    this.#runs.putBack();
    this.#endsWithoutRun = held.length === 0 ? this.#endsWithoutRun + 1 : 0;
    if (this.#isStopping) this.#runs.rejectAll(stopped());
    else if (this.#endsWithoutRun >= MAX_ENDS_WITHOUT_RUN) onLost(failure);
    else await this.#loadAgain();
  }

  async #loadAgain(): Promise<void> {
    const { clock, limits, logger, onLost } = this.#parts;
    const startedAt = clock.monotonic();
    try {
      const loading = loadThread(this.#source, limits.memoryMb);
      const thread = await this.#within(RELOAD_MS, loading);
      if (thread === undefined) throw new Error(`the function is not loaded within ${RELOAD_MS} ms`);
      if (this.#isStopping) {
        this.#runs.rejectAll(stopped());
        await thread.terminate();
        return;
      }
      logger.info({ loadMs: Math.round(clock.monotonic() - startedAt) }, 'function.restarted');
      this.#serveWith(thread);
    } catch (error) {
      this.#runs.rejectAll(new RunFailure('function_exited', messageOf(error)));
      onLost(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  async #terminate(thread: LoadedThread): Promise<void> {
    void thread.terminate();
    if ((await this.#within(TERMINATE_MS, thread.ended)) !== undefined) return;
    this.#parts.logger.error({ waitedMs: TERMINATE_MS }, 'function.terminate_failed');
    this.#parts.kill();
  }

  /** The promise's value, or `undefined` once the time is up. */
  async #within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
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

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function tookTooMuch(grownMb: number, memoryMb: number): RunFailure {
  const grown = `${Math.round(grownMb)} MB beyond what the loaded function takes`;
  return new RunFailure(FUNCTION_OUT_OF_MEMORY, `the function took ${grown}, more than ${memoryMb}`);
}

function timedOut(timeoutMs: number): RunFailure {
  return new RunFailure(FUNCTION_TIMED_OUT, `the function gave no answer within ${timeoutMs} ms`);
}

function stopped(): RunFailure {
  return new RunFailure(FUNCTION_TIMED_OUT, 'the worker stops, and its function has no answer yet');
}
