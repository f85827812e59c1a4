/** Latencies in an HDR histogram: three digits of each value from a microsecond to hours, in constant space. */
import { build, type Histogram } from 'hdr-histogram-js';

export interface LatencyFigures {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface LatencyBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

const PER_MS = 1000;

export class Latencies {
  readonly #histogram: Histogram = build({ numberOfSignificantValueDigits: 3 });
  #sumMs = 0;
  #maxMs = 0;

  record(ms: number): void {
    this.#histogram.recordValue(Math.max(1, Math.round(ms * PER_MS)));
    this.#sumMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Milliseconds; nothing of nothing. The histogram's own are rounded up, beyond the greatest value too. */
  percentile(percent: number): number | null {
    if (this.count === 0) return null;
    return roundToTenth(Math.min(this.#maxMs, this.#histogram.getValueAtPercentile(percent) / PER_MS));
  }

  figures(): LatencyFigures {
    const isEmpty = this.count === 0;
    return {
      count: this.count,
      mean: isEmpty ? null : roundToTenth(this.#sumMs / this.count),
      p50: this.percentile(50),
      p90: this.percentile(90),
      p95: this.percentile(95),
      p99: this.percentile(99),
      max: isEmpty ? null : roundToTenth(this.#maxMs),
    };
  }
}

const STEPS = [1, 2, 5];

/** Counts between 1, 2, 5, 10, 20, … milliseconds, from the first that holds something to the last. */
export function latencyBars(valuesMs: readonly number[]): readonly LatencyBar[] {
  const edges = [
    0,
    ...Array.from({ length: 24 }, (_, index) => (STEPS[index % 3] ?? 1) * 10 ** Math.floor(index / 3)),
  ];
  const bars = edges.slice(0, -1).map((fromMs, index) => {
    const toMs = edges[index + 1] ?? Infinity;
    return { fromMs, toMs, count: valuesMs.filter((ms) => ms >= fromMs && ms < toMs).length };
  });
  const first = bars.findIndex(({ count }) => count > 0);
  const last = bars.findLastIndex(({ count }) => count > 0);
  return first === -1 ? [] : bars.slice(first, last + 1);
}

export function roundToTenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
