import { MAX_COMPUTING, type Heartbeat } from '../../../contracts/worker/worker.js';
import type { InvokeOutcome } from '../../../contracts/worker/invoke.js';
import type { FaultKind } from '../../../contracts/worker/faults.js';
import { invariant } from '../../../contracts/common/invariant.js';
import { LatencyRing } from './latency-ring.js';

/** Counts what this worker has done and is doing, for its heartbeats. */
export class WorkerLoad {
  readonly #computeMs = new LatencyRing();
  #state: Heartbeat['state'] = 'up';
  #inFlight = 0;
  /** Number of computing invokes by batch. */
  readonly #computing = new Map<string, number>();
  #served = 0;
  #failed = 0;
  readonly #injected: Partial<Record<FaultKind, number>> = {};
  /** Invokes whose callers are still connected. */
  readonly #awaited = new Set<Promise<unknown>>();
  #whenIdle: (() => void)[] = [];

  get state(): Heartbeat['state'] {
    return this.#state;
  }

  drain(): void {
    this.#state = 'draining';
  }

  /**
   * Counts an invoke as in flight during `work`. Injected hangs are not counted. `untilIdle` does not wait for an invoke
   * whose caller has gone.
   */
  async trackInFlight<Result>(work: () => Promise<Result>, callerGone: Promise<unknown>): Promise<Result> {
    this.#inFlight += 1;
    const working = work();
    const finished = Promise.race([working, callerGone]);
    this.#awaited.add(finished);
    const forget = () => this.#forget(finished);
    finished.then(forget, forget);
    try {
      return await working;
    } finally {
      invariant(this.#inFlight > 0, 'no invoke is in flight that could end');
      this.#inFlight -= 1;
    }
  }

  /** The same for an invoke that the function answers. */
  async trackComputing<Result>(
    batchId: string,
    work: () => Promise<Result>,
    callerGone: Promise<unknown>,
  ): Promise<Result> {
    this.#computing.set(batchId, (this.#computing.get(batchId) ?? 0) + 1);
    try {
      return await this.trackInFlight(work, callerGone);
    } finally {
      const left = (this.#computing.get(batchId) ?? 0) - 1;
      invariant(left >= 0, () => `no invoke of ${batchId} is computing that could end`);
      if (left === 0) this.#computing.delete(batchId);
      else this.#computing.set(batchId, left);
    }
  }

  countOutcomes(outcomes: readonly InvokeOutcome[]): void {
    for (const { status } of outcomes) {
      if (status === 'failed') this.#failed += 1;
      else this.#served += 1;
    }
  }

  countFailed(tasks: number): void {
    this.#failed += tasks;
  }

  countInjected(kind: FaultKind): void {
    this.#injected[kind] = (this.#injected[kind] ?? 0) + 1;
  }

  countCompute(durationMs: number): void {
    this.#computeMs.add(durationMs);
  }

  /** Resolves when no caller waits for an answer. */
  untilIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#awaited.size === 0) resolve();
      else this.#whenIdle.push(resolve);
    });
  }

  report(): Omit<Heartbeat, 'address' | 'faults' | 'model' | 'startedAt'> {
    return {
      state: this.#state,
      inFlight: this.#inFlight,
      computing: [...this.#computing.keys()].slice(0, MAX_COMPUTING),
      served: this.#served,
      failed: this.#failed,
      injected: { ...this.#injected },
      p50Ms: this.#computeMs.percentile(50),
      p95Ms: this.#computeMs.percentile(95),
    };
  }

  #forget(invoke: Promise<unknown>): void {
    this.#awaited.delete(invoke);
    if (this.#awaited.size === 0) this.#whenIdle.splice(0).forEach((call) => call());
  }
}
