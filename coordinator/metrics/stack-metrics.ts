/** The queue as it stands, and the calls to SQS and DynamoDB. */
import type { Registry } from 'prom-client';
import type { SdkCalls } from '../measures/sdk-calls.js';
import { BucketHistogram } from './bucket-histogram.js';
import { readCounter, readGauge } from './read-values.js';
import type { StackReading } from './stack-reading.js';

export interface StackMetrics {
  /** Takes what the next scrape is to show; without a reading the queue's values are left out. */
  show(reading: StackReading | undefined): void;
}

export function addStackMetrics(registry: Registry, calls: SdkCalls): StackMetrics {
  let latest: StackReading | undefined;
  const gauge = (name: string, help: string, read: (reading: StackReading) => number) =>
    readGauge({
      registry,
      name,
      help,
      read: () => (latest === undefined ? [] : [[[], read(latest)] as const]),
    });

  readGauge({
    registry,
    name: 'boomerang_stack_up',
    help: 'Whether queue and database answered this scrape.',
    read: () => [[[], latest === undefined ? 0 : 1]],
  });
  gauge('boomerang_queue_messages_visible', 'Batches in the queue.', ({ queue }) => queue.visible);
  gauge(
    'boomerang_queue_messages_in_flight',
    'Batches received and not deleted.',
    ({ queue }) => queue.inFlight,
  );
  gauge(
    'boomerang_queue_messages_delayed',
    'Batches that are not yet to be had.',
    ({ queue }) => queue.delayed,
  );
  gauge(
    'boomerang_dead_letter_messages',
    'Batches in the dead-letter queue that are not taken in yet.',
    ({ deadLetters }) => deadLetters.visible + deadLetters.inFlight,
  );
  gauge(
    'boomerang_oldest_queued_seconds',
    'The longest that an unfinished batch has gone untouched.',
    ({ oldestQueuedMs }) => oldestQueuedMs / 1000,
  );
  new BucketHistogram({
    registry,
    name: 'boomerang_sdk_call_duration_seconds',
    help: 'Calls to SQS and DynamoDB, tries again and long polls included, by operation.',
    per: 1000,
    samples: () => [...calls.durationsMs].map(([operation, counts]) => ({ labels: { operation }, counts })),
  });
  readCounter({
    registry,
    name: 'boomerang_sdk_errors_total',
    help: 'Calls to SQS and DynamoDB that failed, by operation and name of the error.',
    labels: ['operation', 'error'],
    read: () => calls.errors.entries(),
  });
  readCounter({
    registry,
    name: 'boomerang_access_denied_total',
    help: 'Calls that policies, keys or credentials do not allow, by service, action, resource and name of the error.',
    labels: ['service', 'action', 'resource', 'error'],
    read: () => calls.denied.entries(),
  });
  return {
    show: (reading) => {
      latest = reading;
    },
  };
}
