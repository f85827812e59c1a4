import { Histogram, type Registry } from 'prom-client';
import type { BucketCounts } from '../measures/bucket-counts.js';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: BucketCounts;
}

export interface BucketHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly registry: Registry;
  /** Divides a value to convert it to the unit of the name. */
  readonly per: number;
  readonly samples: () => Iterable<Sample>;
}

/** A histogram whose values are counted elsewhere, because prom-client's own is too expensive per value. */
export class BucketHistogram extends Histogram {
  readonly #options: BucketHistogramOptions;

  constructor(options: BucketHistogramOptions) {
    super({ name: options.name, help: options.help, registers: [options.registry] });
    this.#options = options;
  }

  /** Called by prom-client's registry and `get()`, though its types do not name it. */
  getForPromString() {
    const { name, help, samples } = this.#options;
    const values = [...samples()].flatMap((sample) => this.#valuesOf(sample));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }

  #valuesOf({ labels, counts }: Sample) {
    const { name, per } = this.#options;
    const cumulative = counts.cumulative();
    const buckets = counts.bounds.map((bound, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(bound / per) },
      value: cumulative[index] ?? 0,
    }));
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: counts.count },
      { metricName: `${name}_sum`, labels: { ...labels }, value: counts.sum / per },
      { metricName: `${name}_count`, labels: { ...labels }, value: counts.count },
    ].map((value) => ({ ...value, sharedLabels: {} }));
  }
}
