/**
 * Whether one worker is fit for work, judged by its invokes:
 *
 *     working ── failures in a row ──> ejected ── its time is up ──> probing ── answered GET /healthz ──> trial
 *        ^                                ^                                                                │ │
 *        │                                └──────────────────────────── a trial failed ────────────────────┘ │
 *        └───────────────────────────────────────────────────────────── enough trials in a row worked ───────┘
 *
 * A worker that fails at once always has a free slot, and would draw everything to itself. Only what began in the
 * phase that it is in says something of a worker.
 */
import { invariant } from '../../contracts/common/invariant.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';

export type HealthPhase = 'working' | 'ejected' | 'probing' | 'trial';

export interface Ejection {
  readonly forMs: number;
  /** Epoch ms. */
  readonly untilMs: number;
  /** How often in a row. */
  readonly times: number;
}

/**
 * Failures of different batches, one after the other: one bad batch is no bad worker. Under the `storm` profile, where every third
 * invoke fails, seven come together once in 1,500 invokes, under `demo` never; a worker that fails at once has them
 * in a moment.
 */
export const FAILURES_TO_EJECT = 7;
/** In a row, one at a time: half-broken is not mended. */
export const TRIALS_TO_RETURN = 3;
const FIRST_EJECTION_MS = 1000;
const MAX_EJECTION_MS = 30_000;
/** After so long without an ejection the next one is the first again. */
const FORGIVEN_AFTER_MS = 60_000;

/** The arrows of the drawing above; the one to `probing` is a matter of time alone. */
const NEXT_PHASES: Readonly<Record<HealthPhase, readonly HealthPhase[]>> = {
  working: ['ejected'],
  ejected: [],
  probing: ['trial'],
  trial: ['ejected', 'working'],
};

export class WorkerHealth {
  readonly #clock: Clock;
  #phase: HealthPhase = 'working';
  /** Monotonic: when the phase began. */
  #since = -Infinity;
  #failedBatches = new Set<BatchId>();
  #trialsWorked = 0;
  #ejection: Ejection | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get phase(): HealthPhase {
    if (this.#phase === 'ejected' && this.#clock.monotonic() >= this.#since + this.#ejectedForMs)
      return 'probing';
    return this.#phase;
  }

  /** The latest ejection, as long as the worker is not back. */
  get ejection(): Ejection | undefined {
    return this.#phase === 'working' ? undefined : this.#ejection;
  }

  /** @returns whether it has come back by this */
  recordSuccess(startedAt: number): boolean {
    if (startedAt < this.#since) return false;
    this.#failedBatches.clear();
    if (this.#phase !== 'trial') return false;
    this.#trialsWorked += 1;
    if (this.#trialsWorked < TRIALS_TO_RETURN) return false;
    this.#enter('working');
    return true;
  }

  /** @returns whether it should be ejected now */
  recordFailure(batchId: BatchId, startedAt: number): boolean {
    if (startedAt < this.#since) return false;
    if (this.#phase === 'trial') return true;
    if (this.#phase !== 'working') return false;
    if (this.#failedBatches.size < FAILURES_TO_EJECT) this.#failedBatches.add(batchId);
    return this.#failedBatches.size >= FAILURES_TO_EJECT;
  }

  eject(): Ejection {
    const isForgiven =
      this.#phase === 'working' && this.#clock.monotonic() >= this.#since + FORGIVEN_AFTER_MS;
    const times = isForgiven ? 1 : (this.#ejection?.times ?? 0) + 1;
    const forMs = Math.min(FIRST_EJECTION_MS * 2 ** (times - 1), MAX_EJECTION_MS);
    this.#ejection = { forMs, untilMs: this.#clock.now() + forMs, times };
    this.#enter('ejected');
    return this.#ejection;
  }

  recordProbeAnswer(): void {
    if (this.phase === 'probing') this.#enter('trial');
  }

  get #ejectedForMs(): number {
    return this.#ejection?.forMs ?? 0;
  }

  #enter(phase: Exclude<HealthPhase, 'probing'>): void {
    invariant(
      NEXT_PHASES[this.phase].includes(phase),
      () => `the health of a worker cannot change from ${this.phase} to ${phase}`,
    );
    this.#phase = phase;
    this.#since = this.#clock.monotonic();
    this.#failedBatches.clear();
    this.#trialsWorked = 0;
  }
}
