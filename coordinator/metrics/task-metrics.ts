/** Durations, numbers and results of tasks. */
import type { Registry } from 'prom-client';
import type { CounterName } from '../../contracts/stats/events.js';
import type { TerminalStatus, Measures } from '../measures/measures.js';
import type { Outstanding, StatsRecorder } from '../stats/stats-recorder.js';
import { BucketHistogram } from './bucket-histogram.js';
import { readCounter, readGauge } from './read-values.js';

const MS_PER_SECOND = 1000;
const FINAL = ['succeeded', 'failed', 'expired', 'cancelled'] as const satisfies readonly TerminalStatus[];

export function addTaskMetrics(
  registry: Registry,
  measures: Measures,
  stats: StatsRecorder,
  outstanding: Outstanding,
): void {
  const count = (name: string, help: string, counter: CounterName) =>
    readCounter({ registry, name, help, read: () => [[[], stats.total(counter)]] });

  new BucketHistogram({
    registry,
    name: 'boomerang_queue_wait_seconds',
    help: 'From admission of a task to the start of the invoke that answered it.',
    per: MS_PER_SECOND,
    samples: () => [{ labels: {}, counts: measures.queueWaitMs }],
  });
  new BucketHistogram({
    registry,
    name: 'boomerang_end_to_end_seconds',
    help: 'From admission of a task to its final state.',
    per: MS_PER_SECOND,
    samples: () => FINAL.map((status) => ({ labels: { status }, counts: measures.endToEndMs[status] })),
  });
  new BucketHistogram({
    registry,
    name: 'boomerang_batch_tasks',
    help: 'Tasks that were stored and sent together.',
    per: 1,
    samples: () => [{ labels: {}, counts: measures.batchTasks }],
  });
  readGauge({
    registry,
    name: 'boomerang_outstanding_tasks',
    help: 'Tasks accepted by this coordinator that are not final yet.',
    read: () => [[[], outstanding.outstandingTasks]],
  });
  readGauge({
    registry,
    name: 'boomerang_outstanding_bytes',
    help: 'Bytes of the texts of these tasks, as messages hold them.',
    read: () => [[[], outstanding.outstandingBytes]],
  });
  readCounter({
    registry,
    name: 'boomerang_tasks_finished_total',
    help: 'Tasks that became final, by status, whoever accepted them.',
    labels: ['status'],
    read: () => FINAL.map((status) => [[status], stats.total(status)] as const),
  });
  count('boomerang_tasks_accepted_total', 'Tasks that were stored and sent.', 'accepted');
  count('boomerang_tasks_rejected_total', 'Tasks that were refused with 429.', 'rejected');
  count('boomerang_task_retries_total', 'Deliveries of finished tasks beyond their first.', 'retries');
  count('boomerang_tasks_dead_lettered_total', 'Open tasks that the queue gave up.', 'deadLetters');
}
