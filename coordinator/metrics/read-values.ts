import { Counter, Gauge, type Registry } from 'prom-client';

interface Read {
  readonly name: string;
  readonly help: string;
  readonly registry: Registry;
  readonly labels?: readonly string[];
  /** Called at each scrape. @returns every combination of labels, in their order, and its value */
  readonly read: () => Iterable<readonly [labels: readonly string[], value: number]>;
}

/** A counter whose values are kept elsewhere and read at each scrape. */
export function readCounter({ name, help, registry, labels = [], read }: Read): void {
  new Counter({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const [values, value] of read()) this.inc(labeled(labels, values), value);
    },
  });
}

/** A gauge whose values are kept elsewhere and read at each scrape. */
export function readGauge({ name, help, registry, labels = [], read }: Read): void {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      const known = [...read()];
      this.reset();
      if (known.length === 0 && labels.length === 0) this.remove(); // or it would read as 0
      for (const [values, value] of known) this.set(labeled(labels, values), value);
    },
  });
}

function labeled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
