/**
 * Keeps one process running:
 *
 *     waiting ── start ──> starting ── says it is ready ──> ready
 *                           ▲    │ ends                       │ ends
 *                           │    ▼                            │
 *                           └─ backing-off <──────────────────┘
 *
 * `hold` and `stop` end the process: a child in any of these states goes by way of `ending` to `held`, from where
 * `release` starts it again, or to `stopped`, which is final. A child that cannot start has `failed` only before it
 * was ready for the first time: later the reason may pass.
 */
import { invariant } from '../contracts/common/invariant.js';
import type { ProcessState } from '../contracts/control/control-protocol.js';
import type { ProcessMessage } from '../infra/process/process-messages.js';
import { runChild, type ChildEnd, type ChildRun } from './child-process.js';
import type { ChildSpec } from './child-spec.js';
import { createRestartBackoff } from './restart-backoff.js';

/** An end that nobody asked for. */
export interface ChildExit extends ChildEnd {
  /** The reason that the process reported, if it could not start again. */
  readonly failure: string | undefined;
  readonly restartInMs: number;
}

export interface SupervisedChildListener {
  onReady(child: SupervisedChild): void;
  /** The child was never ready and is not started again. */
  onGivenUp(child: SupervisedChild, reason: string): void;
  onExit(child: SupervisedChild, exit: ChildExit): void;
  onLine(child: SupervisedChild, line: string): void;
}

type EndSignal = 'SIGTERM' | 'SIGKILL';

type State =
  | { readonly name: 'waiting' | 'held' | 'failed' | 'stopped' }
  | { readonly name: 'starting'; readonly run: ChildRun }
  | { readonly name: 'ready'; readonly run: ChildRun; readonly sinceMs: number }
  | { readonly name: 'backing-off'; readonly restart: NodeJS.Timeout }
  | {
      readonly name: 'ending';
      readonly run: ChildRun;
      readonly wasReady: boolean;
      /** The state that follows when the process is gone. */
      readonly next: 'held' | 'stopped' | 'starting';
    };

const TRANSITIONS: Readonly<Record<State['name'], readonly State['name'][]>> = {
  waiting: ['starting', 'held', 'stopped'],
  starting: ['ready', 'backing-off', 'ending', 'failed'],
  ready: ['backing-off', 'ending'],
  'backing-off': ['starting', 'held', 'stopped'],
  ending: ['ending', 'held', 'stopped', 'starting'],
  held: ['starting', 'stopped'],
  failed: ['held', 'stopped'],
  stopped: [],
};

/** A crash at the first start may be bad luck; several are a reason to give up. */
const CRASHES_BEFORE_GIVING_UP = 3;

export class SupervisedChild {
  readonly spec: ChildSpec;
  readonly #listener: SupervisedChildListener;
  readonly #nextDelayMs = createRestartBackoff();
  readonly #urls: ReadonlyMap<string, string>;
  readonly #onEnded = new Set<() => void>();
  readonly #onReady = new Set<() => void>();
  #state: State = { name: 'waiting' };
  #url: string | undefined;
  #failure: string | undefined;
  #crashesBeforeReady = 0;

  constructor(spec: ChildSpec, urls: ReadonlyMap<string, string>, listener: SupervisedChildListener) {
    this.spec = spec;
    this.#urls = urls;
    this.#listener = listener;
  }

  /** Its address; known once it was ready for the first time. */
  get url(): string | undefined {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#run?.pid;
  }

  get state(): ProcessState {
    const state = this.#state;
    switch (state.name) {
      case 'starting':
      case 'ready':
      case 'ending': {
        const isReady = state.name === 'ready' || (state.name === 'ending' && state.wasReady);
        return state.run.isPaused ? 'paused' : isReady ? 'running' : 'restarting';
      }
      case 'waiting':
      case 'backing-off':
        return 'restarting';
      case 'held':
      case 'failed':
      case 'stopped':
        return 'stopped';
    }
  }

  /** Why its last start failed, in its own words. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Starts it for the first time; later calls do nothing. */
  start(): void {
    if (this.#state.name === 'waiting') this.#launch();
  }

  /** Kills it as if its machine had failed, so that it comes back by itself. Resolves when it is gone. */
  async crash(): Promise<void> {
    if (this.#run === undefined) return;
    this.#run.signal('SIGKILL');
    await this.#ended();
  }

  pause(): void {
    this.#run?.pause();
  }

  resume(): void {
    this.#run?.resume();
  }

  /** Resolves when it is gone; it stays down until it is released. */
  async hold(signal: EndSignal = 'SIGTERM'): Promise<void> {
    await this.#end(signal, 'held');
  }

  /** Starts what is held; does nothing in every other state. */
  release(): void {
    const state = this.#state;
    if (state.name === 'held') this.#launch();
    else if (state.name === 'ending' && state.next === 'held') this.#enter({ ...state, next: 'starting' });
  }

  /** Resolves when it is ready. */
  async untilReady(): Promise<void> {
    if (this.#state.name !== 'ready') await new Promise<void>((resolve) => this.#onReady.add(resolve));
  }

  /** Resolves when it is gone, killed if it takes longer than its deadline. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM', 'stopped');
  }

  /** Ends it at once, for good. */
  kill(): void {
    this.#leaveFor('stopped');
    this.#run?.signal('SIGKILL');
  }

  get #run(): ChildRun | undefined {
    return 'run' in this.#state ? this.#state.run : undefined;
  }

  async #end(signal: EndSignal, next: 'held' | 'stopped'): Promise<void> {
    this.#leaveFor(next);
    const run = this.#run;
    if (run === undefined) return;
    run.signal(signal);
    const kill = setTimeout(() => run.signal('SIGKILL'), this.spec.stopDeadlineMs);
    await this.#ended();
    clearTimeout(kill);
  }

  #ended(): Promise<void> {
    return new Promise((resolve) => this.#onEnded.add(resolve));
  }

  #enter(next: State): void {
    const { name } = this.#state;
    const isAllowed = TRANSITIONS[name].includes(next.name);
    invariant(isAllowed, () => `${this.spec.name} cannot go from ${name} to ${next.name}`);
    this.#state = next;
  }

  /** Changes the state at once where there is no process, else when the process has ended. */
  #leaveFor(next: 'held' | 'stopped'): void {
    const state = this.#state;
    if (state.name === 'stopped' || state.name === next) return;
    if (state.name === 'backing-off') clearTimeout(state.restart);
    if (state.name === 'starting' || state.name === 'ready') {
      this.#enter({ name: 'ending', run: state.run, wasReady: state.name === 'ready', next });
    } else if (state.name === 'ending') {
      this.#enter({ ...state, next: state.next === 'stopped' ? 'stopped' : next });
    } else {
      this.#enter({ name: next });
    }
  }

  #launch(): void {
    const { script, label } = this.spec;
    this.#failure = undefined;
    const run = runChild(
      { script, label, environment: this.spec.environment(this.#urls) },
      {
        onMessage: (message) => this.#handleMessage(message),
        onLine: (line) => this.#listener.onLine(this, line),
        onEnd: (end) => this.#handleEnd(end),
      },
    );
    this.#enter({ name: 'starting', run });
  }

  /** A process that is being ended, or was ready before, has nothing to report any more. */
  #handleMessage(message: ProcessMessage): void {
    if (message.type === 'failed') {
      this.#failure = message.message;
      return;
    }
    if (this.#state.name !== 'starting') return;
    this.#url = message.url;
    this.#enter({ name: 'ready', run: this.#state.run, sinceMs: performance.now() });
    resolveAll(this.#onReady);
    this.#listener.onReady(this);
  }

  #handleEnd(end: ChildEnd): void {
    const state = this.#state;
    invariant('run' in state, () => `${this.spec.name} ended in the state ${state.name}`);
    if (state.name === 'ending') this.#finishEnding(state.next);
    else this.#handleCrash(end, state.name === 'ready' ? performance.now() - state.sinceMs : 0);
    resolveAll(this.#onEnded);
  }

  #finishEnding(next: 'held' | 'stopped' | 'starting'): void {
    if (next === 'starting') this.#launch();
    else this.#enter({ name: next });
  }

  #handleCrash(end: ChildEnd, readyForMs: number): void {
    const reason = this.#reasonToGiveUp(end);
    if (reason !== undefined) {
      this.#enter({ name: 'failed' });
      this.#listener.onGivenUp(this, reason);
      return;
    }
    const restartInMs = this.#nextDelayMs(readyForMs);
    this.#enter({ name: 'backing-off', restart: setTimeout(() => this.#launch(), restartInMs) });
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

function describeEnd({ code, signal }: ChildEnd): string {
  if (signal !== null) return signal;
  return code === null ? 'no process at all' : `exit code ${code}`;
}
