import type { Heartbeat } from '../../contracts/worker.js';
import type { InvokeOutcome } from '../../contracts/invoke.js';
import type { FaultKind } from '../../contracts/faults.js';
import { LatencyRing } from './latency-ring.js';

/** What this worker has done and is doing, as its heartbeats tell. */
export class WorkerLoad {
  readonly #computeMs = new LatencyRing();
  #state: Heartbeat['state'] = 'up';
  #inFlight = 0;
  #served = 0;
  #failed = 0;
  readonly #injected: Partial<Record<FaultKind, number>> = {};
  #whenIdle: (() => void)[] = [];

  get state(): Heartbeat['state'] {
    return this.#state;
  }

  drain(): void {
    this.#state = 'draining';
  }

  /** Counts an invoke as in flight while `work` lasts. Injected hangs stay out: nobody has to wait for them. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#whenIdle.splice(0).forEach((call) => call());
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

  untilIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#inFlight === 0) resolve();
      else this.#whenIdle.push(resolve);
    });
  }

  report(): Pick<Heartbeat, 'state' | 'inFlight' | 'served' | 'failed' | 'injected' | 'p50Ms' | 'p95Ms'> {
    return {
      state: this.#state,
      inFlight: this.#inFlight,
      served: this.#served,
      failed: this.#failed,
      injected: { ...this.#injected },
      p50Ms: this.#computeMs.percentile(50),
      p95Ms: this.#computeMs.percentile(95),
    };
  }
}
