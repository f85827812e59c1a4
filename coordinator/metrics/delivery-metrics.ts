/** Metrics of the outcomes of deliveries, of the faults injected into them, and of the model's work. */
import type { Registry } from 'prom-client';
import type { CounterName } from '../../contracts/stats/events.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { BucketHistogram } from './bucket-histogram.js';
import { readCounter } from './read-values.js';

export function addDeliveryMetrics(registry: Registry, measures: Measures, stats: StatsRecorder): void {
  const count = (name: string, help: string, counter: CounterName) =>
    readCounter({ registry, name, help, read: () => [[[], stats.total(counter)]] });

  readCounter({
    registry,
    name: 'boomerang_deliveries_total',
    help: 'Deliveries that ended, by outcome and by the kind of fault that was injected (none, several).',
    labels: ['outcome', 'fault'],
    read: () => measures.deliveries.entries(),
  });
  readCounter({
    registry,
    name: 'boomerang_faults_injected_total',
    help: 'Faults that workers announced to this coordinator before injecting them, by kind.',
    labels: ['fault'],
    read: () => measures.faults.entries(),
  });
  new BucketHistogram({
    registry,
    name: 'boomerang_compute_seconds',
    help: "The model's time for an answered invoke.",
    per: 1000,
    samples: () => [{ labels: {}, counts: measures.computeMs }],
  });
  readCounter({
    registry,
    name: 'boomerang_model_tokens_total',
    help: 'Tokens that went through the model: of texts (real), and of padding, which is waste.',
    labels: ['kind'],
    read: () => [
      [['real'], measures.realTokens],
      [['padding'], measures.paddingTokens],
    ],
  });
  count('boomerang_late_answers_total', 'Answers that came for tasks that were final already.', 'late');
  count(
    'boomerang_worker_ejections_total',
    'Workers that were left out because they kept failing.',
    'ejections',
  );
}
