/**
 * Keeps one process running:
 *
 *     waiting ── start ──> starting ── says it is ready ──> ready
 *                             ▲                               │ ends
 *                             └── back-off passed ── down <───┘
 *
 * Told to hold, it goes from any of these to held, and stays there until it is released. Asked to stop, it goes to
 * stopped, and never back. A child that cannot start is given up only before it was ready for the first time: later
 * the reason may pass.
 */
import type { ProcessMessage } from '../infra/process/process-messages.js';
import { runChild, type ChildEnd, type ChildRun } from './child-process.js';
import type { ChildSpec } from './child-spec.js';
import type { ProcessState } from '../contracts/control/control-protocol.js';
import { createRestartBackoff } from './restart-backoff.js';

/** An end that nobody asked for. */
export interface ChildExit extends ChildEnd {
  /** What it said of itself, if it could not start again. */
  readonly failure: string | undefined;
  readonly restartInMs: number;
}

export interface SupervisedChildListener {
  onReady(child: SupervisedChild): void;
  /** It was never ready and will not be tried again. */
  onGivenUp(child: SupervisedChild, reason: string): void;
  onExit(child: SupervisedChild, exit: ChildExit): void;
  onLine(child: SupervisedChild, line: string): void;
}

/** A crash at the first start may be bad luck; several are a reason to give up. */
const CRASHES_BEFORE_GIVING_UP = 3;

export class SupervisedChild {
  readonly spec: ChildSpec;
  readonly #listener: SupervisedChildListener;
  readonly #nextDelayMs = createRestartBackoff();
  readonly #urls: ReadonlyMap<string, string>;
  readonly #ended = new Set<() => void>();
  readonly #whenReady = new Set<() => void>();
  #run: ChildRun | undefined;
  #restart: NodeJS.Timeout | undefined;
  #readyAtMs: number | undefined;
  #url: string | undefined;
  #failure: string | undefined;
  #crashesBeforeReady = 0;
  #wasStarted = false;
  #isHeld = false;
  #isStopping = false;

  constructor(spec: ChildSpec, urls: ReadonlyMap<string, string>, listener: SupervisedChildListener) {
    this.spec = spec;
    this.#urls = urls;
    this.#listener = listener;
  }

  /** Where it answers; known once it was ready for the first time. */
  get url(): string | undefined {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#run?.pid;
  }

  get state(): ProcessState {
    if (this.#run === undefined) return this.#isHeld ? 'stopped' : 'restarting';
    if (this.#run.isPaused) return 'paused';
    return this.#readyAtMs === undefined ? 'restarting' : 'running';
  }

  /** Why its last start failed, in its own words. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The first time; after that it sees to itself. */
  start(): void {
    if (this.#wasStarted || this.#isStopping) return;
    this.#wasStarted = true;
    this.#launch();
  }

  /** As if its machine had failed: it comes back by itself. Resolves when it is gone. */
  async crash(): Promise<void> {
    if (this.#run === undefined) return;
    this.#run.signal('SIGKILL');
    await new Promise<void>((resolve) => this.#ended.add(resolve));
  }

  pause(): void {
    this.#run?.pause();
  }

  resume(): void {
    this.#run?.resume();
  }

  /** Resolves when it is gone; it stays so until it is released. */
  async hold(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#isHeld = true;
    await this.#end(how);
  }

  release(): void {
    if (!this.#isHeld || this.#isStopping) return;
    this.#isHeld = false;
    if (this.#run === undefined) this.#launch();
  }

  /** Resolves when it is ready. */
  async untilReady(): Promise<void> {
    if (this.#readyAtMs === undefined) await new Promise<void>((resolve) => this.#whenReady.add(resolve));
  }

  /** Resolves when it is gone, killed if it takes longer than its deadline. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#end('SIGTERM');
  }

  /** At once, for good. */
  kill(): void {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    this.#run?.signal('SIGKILL');
  }

  async #end(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    clearTimeout(this.#restart);
    if (this.#run === undefined) return;
    this.#run.signal(how);
    const kill = setTimeout(() => this.#run?.signal('SIGKILL'), this.spec.stopDeadlineMs);
    await new Promise<void>((resolve) => this.#ended.add(resolve));
    clearTimeout(kill);
  }

  #launch(): void {
    const { script, label } = this.spec;
    this.#failure = undefined;
    this.#run = runChild(
      { script, label, environment: this.spec.environment(this.#urls) },
      {
        onMessage: (message) => this.#hear(message),
        onLine: (line) => this.#listener.onLine(this, line),
        onEnd: (end) => this.#handleEnd(end),
      },
    );
  }

  #hear(message: ProcessMessage): void {
    if (message.type === 'failed') {
      this.#failure = message.message;
      return;
    }
    this.#url = message.url;
    this.#readyAtMs = performance.now();
    resolveAll(this.#whenReady);
    this.#listener.onReady(this);
  }

  #handleEnd(end: ChildEnd): void {
    const readyForMs = this.#readyAtMs === undefined ? 0 : performance.now() - this.#readyAtMs;
    this.#run = undefined;
    this.#readyAtMs = undefined;
    resolveAll(this.#ended);
    if (this.#isStopping || this.#isHeld) return;
    const reason = this.#reasonToGiveUp(end);
    if (reason !== undefined) {
      this.#listener.onGivenUp(this, reason);
      return;
    }
    const restartInMs = this.#nextDelayMs(readyForMs);
    this.#restart = setTimeout(() => this.#launch(), restartInMs);
    this.#listener.onExit(this, { ...end, failure: this.#failure, restartInMs });
  }

  #reasonToGiveUp(end: ChildEnd): string | undefined {
    if (this.#url !== undefined) return undefined;
    if (this.#failure !== undefined) return this.#failure;
    this.#crashesBeforeReady += 1;
    if (this.#crashesBeforeReady < CRASHES_BEFORE_GIVING_UP) return undefined;
    return `it ended ${this.#crashesBeforeReady} times before it was ready, last with ${describeEnd(end)}`;
  }
}

function resolveAll(calls: Set<() => void>): void {
  const waiting = [...calls];
  calls.clear();
  waiting.forEach((call) => call());
}

export function describeEnd({ code, signal }: ChildEnd): string {
  if (signal !== null) return signal;
  return code === null ? 'no process at all' : `exit code ${code}`;
}
