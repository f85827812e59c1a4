/** Counts of requests by second, and over a sliding window. */
import { percentile } from '../../kit/numbers/percentile.js';
import type { ClientEvent } from '../load/records.js';

export interface Second {
  /** From the start of the load. */
  readonly second: number;
  planned: number;
  sent: number;
  ok: number;
  failed: number;
  retried: number;
  rejected: number;
  unreached: number;
  unknown: number;
  /** Latencies of the requests that ended in it. */
  p50Ms?: number | undefined;
  p99Ms?: number | undefined;
}

export type Counted = 'sent' | 'ok' | 'failed' | 'retried' | 'rejected' | 'unreached' | 'unknown';

export class Tally {
  readonly #seconds: Second[] = [];
  readonly #latencies: number[][] = [];
  readonly #plannedAtMs: readonly number[];
  /** When requests were answered well, ascending. */
  readonly okAtMs: number[] = [];

  /** `plannedAtMs` ascending. */
  constructor(plannedAtMs: readonly number[]) {
    this.#plannedAtMs = plannedAtMs;
    for (const atMs of plannedAtMs) this.#at(atMs).planned += 1;
  }

  count(event: ClientEvent): void {
    if (event.kind === 'accepted') return;
    const second = this.#at(event.atMs);
    second[event.kind] += 1;
    if (event.kind === 'ok') this.okAtMs.push(event.atMs);
    if (!('latencyMs' in event)) return;
    const latencies = (this.#latencies[second.second] ??= []);
    latencies.push(event.latencyMs);
  }

  /** So far, each second with its percentiles. */
  seconds(): readonly Second[] {
    return this.#seconds.map((second) => this.#withPercentiles(second));
  }

  second(index: number): Second {
    return this.#withPercentiles(this.#at(index * 1000));
  }

  total(kind: Counted): number {
    return this.#seconds.reduce((total, second) => total + second[kind], 0);
  }

  /** Answered well per planned in the window; nothing where too little was planned to say. */
  successRate(fromMs: number, toMs: number): number | undefined {
    const planned = countBetween(this.#plannedAtMs, fromMs, toMs);
    if (planned < MIN_PLANNED) return undefined;
    return countBetween(this.okAtMs, fromMs, toMs) / planned;
  }

  #withPercentiles(second: Second): Second {
    const latencies = this.#latencies[second.second] ?? [];
    return { ...second, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
  }

  #at(atMs: number): Second {
    const index = Math.max(0, Math.floor(atMs / 1000));
    for (let next = this.#seconds.length; next <= index; next += 1) this.#seconds.push(emptySecond(next));
    const second = this.#seconds[index];
    if (second === undefined) throw new RangeError(`there is no second ${index}`);
    return second;
  }
}

const MIN_PLANNED = 5;

/** In [fromMs, toMs), of ascending times. */
export function countBetween(ascendingMs: readonly number[], fromMs: number, toMs: number): number {
  return firstAtOrAfter(ascendingMs, toMs) - firstAtOrAfter(ascendingMs, fromMs);
}

function firstAtOrAfter(ascendingMs: readonly number[], timeMs: number): number {
  let [low, high] = [0, ascendingMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascendingMs[middle] ?? Infinity) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function emptySecond(second: number): Second {
  return { second, planned: 0, sent: 0, ok: 0, failed: 0, retried: 0, rejected: 0, unreached: 0, unknown: 0 };
}
