/** All parts of one execution share this: time, random source, trace, counts of injected faults, and violations. */
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import type { VirtualTime } from './virtual-time.js';

export interface Violation {
  /** The promise that was broken, in words. */
  readonly promise: string;
  readonly detail: string;
  readonly atMs: number;
}

export class Execution {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** Faults that were injected, by kind. */
  readonly faults = new Map<string, number>();
  readonly violations: Violation[] = [];
  readonly #trace: ((line: string) => void) | undefined;

  /** @param trace receives one line for everything that happens */
  constructor(time: VirtualTime, random: SeededRandom, trace?: (line: string) => void) {
    this.time = time;
    this.random = random;
    this.#trace = trace;
  }

  trace(line: () => string): void {
    this.#trace?.(`${(this.time.nowMs / 1000).toFixed(6).padStart(12)} ${line()}`);
  }

  /** Counts and traces a fault. */
  inject(kind: string, detail: () => string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.trace(() => `FAULT ${kind}: ${detail()}`);
  }

  reportViolation(promise: string, detail: string): void {
    this.violations.push({ promise, detail, atMs: this.time.nowMs });
    this.trace(() => `BROKEN ${promise}: ${detail}`);
  }
}
