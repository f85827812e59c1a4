/**
 * A worker: runs invokes one after the other, fails with the probabilities of the scenario, dies and restarts. Once a second
 * it sends a heartbeat to a listening coordinator.
 */
import {
  FUNCTION_OUT_OF_MEMORY,
  FUNCTION_TIMED_OUT,
  type InvokeOutcome,
  type InvokeRequest,
  type InvokeResponse,
  type InvokeTask,
} from '../../contracts/worker/invoke.js';
import { isUnresponsive } from '../../contracts/worker/worker.js';
import type { Execution } from '../engine/execution.js';
import { Host } from '../engine/host.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import type { WallClock } from '../engine/wall-clock.js';
import { WORKER_FAULTS, type WorkerFault, type WorkerFaults } from './worker-faults.js';
import { ENDLESS, outcomeOf, POISON } from './function-model.js';

/** One invoke from the worker's side. At most one of `answer` and `fail` is called. */
export interface PendingInvoke {
  announce(fault: string): void;
  answer(response: InvokeResponse): void;
  /** @param code an error code of the function client */
  fail(code: string): void;
}

export interface WorkerSettings {
  readonly id: string;
  readonly wallClock: WallClock;
  readonly visibilityTimeoutMs: number;
  /** Time limit of a run, after which the worker ends its function. */
  readonly functionTimeoutMs: number;
  readonly faults: () => WorkerFaults;
}

const INVOKE_OVERHEAD_MS = 3;
const RESTART_MS = { min: 300, max: 5000 };
const FUNCTION_RESTART_MS = { min: 200, max: 2000 };
/** Until a function has used up its memory. */
const OUT_OF_MEMORY_AFTER_MS = { min: 50, max: 1000 };
/** Probability that a worker restarts at another address, as a container may. */
const MOVE_PROBABILITY = 0.2;

export class SimWorker {
  readonly id: string;
  address: string;
  readonly #execution: Execution;
  readonly #settings: WorkerSettings;
  readonly #random: SeededRandom;
  readonly #moving: SeededRandom;
  readonly #pending = new Set<PendingInvoke>();
  #host: Host;
  #incarnation = 1;
  #startedAt: string;
  #busyUntilMs = 0;
  #served = 0;
  /** Number of the current function. Runs of an earlier one are obsolete. */
  #function = 1;
  #functionState: 'running' | 'restarting' = 'running';
  #blockedSinceMs: number | undefined;
  /** Invokes that the function has not answered. */
  readonly #unanswered = new Map<PendingInvoke, InvokeRequest>();
  /** Invokes whose answer is only delayed. */
  readonly #late = new WeakSet<PendingInvoke>();
  #beats = 0;
  /** Monotonic time of arrival, which a second run keeps. */
  readonly #arrivedAt = new WeakMap<PendingInvoke, number>();

  constructor(execution: Execution, settings: WorkerSettings) {
    this.#execution = execution;
    this.#settings = settings;
    this.id = settings.id;
    this.address = `http://${settings.id}.test`;
    this.#random = execution.random.fork(settings.id);
    this.#moving = execution.random.fork(`moves of ${settings.id}`);
    this.#host = this.#newHost();
    this.#startedAt = this.#wallTime();
  }

  get isUp(): boolean {
    return !this.#host.isDead;
  }

  get isAwake(): boolean {
    return this.isUp && !this.#host.isFrozen;
  }

  freeze(): void {
    this.#host.freeze();
  }

  resume(): void {
    this.#host.resume(this.#random.chance(0.5));
  }

  /** Ends the worker, and starts it again later. */
  crash(): void {
    if (!this.isUp) return;
    this.#execution.trace(() => `${this.#host.name} died`);
    this.#host.kill();
    for (const invoke of this.#pending) invoke.fail('connection_lost');
    this.#pending.clear();
    this.#unanswered.clear();
    this.#function += 1;
    const restartMs = this.#random.magnitude(RESTART_MS.min, RESTART_MS.max);
    this.#execution.time.after(restartMs, () => {
      this.#incarnation += 1;
      this.#host = this.#newHost();
      this.#startedAt = this.#wallTime();
      this.#busyUntilMs = 0;
      this.#markFunctionRunning();
      this.#beats = 0;
      if (this.#moving.chance(MOVE_PROBABILITY)) this.address = `http://${this.id}.${this.#incarnation}.test`;
    });
  }

  heartbeat() {
    return {
      address: this.address,
      state: 'up' as const,
      inFlight: this.#pending.size,
      computing: this.#computing(),
      served: this.#served,
      failed: 0,
      p50Ms: 1,
      p95Ms: 2,
      functionState: this.#functionState,
      unresponsiveMs:
        this.#blockedSinceMs === undefined ? 0 : this.#host.clock.monotonic() - this.#blockedSinceMs,
      faults: 'simulated',
      model: 'simulated',
      startedAt: this.#startedAt,
      beat: (this.#beats += 1),
    };
  }

  /** @returns whether the connection was accepted. The system accepts connections for a frozen process, too. */
  invoke(request: InvokeRequest, invoke: PendingInvoke): boolean {
    if (!this.isUp) return false;
    this.#pending.add(invoke);
    this.#host.enter(() => this.#run(request, invoke));
    return true;
  }

  /** Calls `answer` if the worker is alive and responsive. */
  probe(answer: () => void): void {
    if (this.isUp) this.#host.enter(() => !isUnresponsive(this.heartbeat()) && answer());
  }

  #run(request: InvokeRequest, invoke: PendingInvoke): void {
    const fault = this.#drawFault();
    if (fault !== undefined) {
      this.#execution.inject(`worker ${fault}`, () => `${this.#host.name} ${request.batchId}`);
      invoke.announce(fault);
    }
    if (fault === 'crash') this.crash();
    else if (fault === 'error') this.#finish(invoke, 1, () => invoke.fail('http_500'));
    else if (fault !== 'hang') this.#compute(request, invoke, fault);
  }

  /** A blocked function computes nothing, and its runs are obsolete after its end. */
  #isObsolete(functionNumber: number): boolean {
    return functionNumber !== this.#function || this.#blockedSinceMs !== undefined;
  }

  /** The function never ends this run. At the time limit the worker fails the invoke and starts another function. */
  #block(request: InvokeRequest, invoke: PendingInvoke, fault: 'loop' | 'oom'): void {
    const { clock } = this.#host;
    this.#blockedSinceMs = clock.monotonic();
    const isLoop = fault === 'loop';
    const blockedMs = isLoop
      ? this.#settings.functionTimeoutMs
      : this.#random.magnitude(OUT_OF_MEMORY_AFTER_MS.min, OUT_OF_MEMORY_AFTER_MS.max);
    const code = isLoop ? FUNCTION_TIMED_OUT : FUNCTION_OUT_OF_MEMORY;
    clock.timer(blockedMs, () => {
      this.#unanswered.delete(invoke);
      this.#pending.delete(invoke);
      const outcomes = request.tasks.map(({ taskId }): InvokeOutcome => ({
        taskId,
        status: 'failed',
        code,
        message: 'simulated',
        retryable: true,
      }));
      invoke.answer({
        workerId: this.id,
        outcomes,
        timings: { tokenizeMs: 0, computeMs: 0, totalMs: blockedMs },
      });
      this.#restartFunction();
    });
  }

  /** Runs the other invokes again. */
  #restartFunction(): void {
    const { clock } = this.#host;
    this.#function += 1;
    this.#blockedSinceMs = undefined;
    this.#functionState = 'restarting';
    const restartMs = this.#random.magnitude(FUNCTION_RESTART_MS.min, FUNCTION_RESTART_MS.max);
    this.#busyUntilMs = clock.monotonic() + restartMs;
    clock.timer(restartMs, () => this.#markFunctionRunning());
    for (const [invoke, request] of this.#unanswered) this.#compute(request, invoke, undefined);
  }

  #markFunctionRunning(): void {
    this.#blockedSinceMs = undefined;
    this.#functionState = 'running';
  }

  #compute(request: InvokeRequest, invoke: PendingInvoke, fault: WorkerFault | undefined): void {
    const { clock } = this.#host;
    const arrivedAt = this.#arrivedAt.get(invoke) ?? clock.monotonic();
    this.#arrivedAt.set(invoke, arrivedAt);
    const computeMs = INVOKE_OVERHEAD_MS + request.tasks.length * this.#random.between(0.5, 3);
    const startMs = Math.max(clock.monotonic(), this.#busyUntilMs);
    this.#busyUntilMs = startMs + computeMs;
    const functionNumber = this.#function;
    this.#unanswered.set(invoke, request);
    if (fault === 'late') this.#late.add(invoke);
    clock.timer(startMs - clock.monotonic(), () => {
      if (this.#isObsolete(functionNumber)) return;
      const isEndless = request.tasks.some(({ text }) => text.includes(ENDLESS));
      if (isEndless || fault === 'loop' || fault === 'oom') {
        this.#block(request, invoke, fault === 'oom' ? 'oom' : 'loop');
        return;
      }
      const due = request.tasks.filter(
        ({ timeLeftMs = Infinity }) => clock.monotonic() - arrivedAt >= timeLeftMs,
      );
      clock.timer(computeMs + this.#extraDelayMs(fault), () => {
        if (this.#isObsolete(functionNumber)) return;
        this.#served += 1;
        this.#unanswered.delete(invoke);
        if (request.tasks.some(({ text }) => text.includes(POISON))) {
          this.#execution.inject('worker poison', () => this.#host.name);
          this.crash();
        } else if (fault === 'drop') invoke.fail('connection_lost');
        else if (fault === 'garbage') invoke.fail('broken_answer');
        else invoke.answer(this.#response(request.tasks, due, fault, computeMs));
        this.#pending.delete(invoke);
      });
    });
  }

  #computing(): string[] {
    const inHand = [...this.#unanswered].filter(([invoke]) => !this.#late.has(invoke));
    return [...new Set(inHand.map(([, { batchId }]) => batchId))];
  }

  #finish(invoke: PendingInvoke, afterMs: number, end: () => void): void {
    this.#host.clock.timer(afterMs, () => {
      this.#served += 1;
      end();
      this.#pending.delete(invoke);
    });
  }

  #response(
    tasks: readonly InvokeTask[],
    due: readonly InvokeTask[],
    fault: WorkerFault | undefined,
    computeMs: number,
  ): InvokeResponse {
    const outcomes = tasks.flatMap((task): InvokeOutcome[] => {
      const { taskId, text } = task;
      if (due.includes(task)) return [{ taskId, status: 'expired' }];
      const isHit = this.#random.chance(0.4);
      if (isHit && fault === 'partial') {
        return [{ taskId, status: 'failed', code: 'partial', message: 'simulated', retryable: true }];
      }
      if (isHit && fault === 'nonsense') return this.#nonsense(taskId);
      return [outcomeOf(taskId, text)];
    });
    const totalMs = computeMs + 1;
    return { workerId: this.id, outcomes, timings: { tokenizeMs: 0.1, computeMs, totalMs } };
  }

  /** Well-formed outcomes without meaning. They must not count for any task. */
  #nonsense(taskId: string): InvokeOutcome[] {
    const stranger = taskId.replace(/-\d+$/, '-255');
    return this.#random.pick<InvokeOutcome[]>([
      [],
      [{ taskId, status: 'expired' }],
      [{ taskId: stranger, status: 'succeeded', label: 'POSITIVE', score: 0.123, tokens: 1 }],
      [{ taskId: 'nobody', status: 'failed', code: 'odd', message: 'odd', retryable: false }],
    ]);
  }

  #extraDelayMs(fault: WorkerFault | undefined): number {
    if (fault === 'delay') return this.#random.magnitude(20, 2000);
    if (fault === 'late') return this.#settings.visibilityTimeoutMs + this.#random.between(0, 2000);
    return 0;
  }

  #drawFault(): WorkerFault | undefined {
    const faults = this.#settings.faults();
    let left = this.#random.next();
    for (const fault of WORKER_FAULTS) {
      left -= faults[fault];
      if (left < 0) return fault;
    }
    return undefined;
  }

  #newHost(): Host {
    return new Host(this.#execution.time, this.#settings.wallClock, `${this.id}.${this.#incarnation}`);
  }

  #wallTime(): string {
    return new Date(this.#host.clock.now()).toISOString();
  }
}
