/** The coordinator's ports of DynamoDB, over a link that may fail. */
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { KeyStore, MarkerStore, StatsStore, WorkerStore } from '../../contracts/stack/stores.js';
import type { StackResources } from '../../contracts/stack/stack-calls.js';
import { ExpiryTime } from '../../contracts/system/expiry-time.js';
import type { StackModel } from '../models/stack.js';
import { overLink, type Synchronous } from '../network/over-link.js';
import type { StackLink } from '../network/stack-link.js';

export function createStores(
  link: StackLink,
  { batches, keys, marker, workers, statistics }: StackModel,
  clock: Clock,
) {
  const time = new ExpiryTime(clock);
  const over = <Port extends object>(what: string, there: Synchronous<Port>) =>
    overLink<Port>(link, 'tables', what, there);
  return {
    batches: over<BatchStore>('batch', batches),
    keys: over<KeyStore>('key', {
      read: (key) => keys.read(key, time.now()),
      readMany: (some) => some.flatMap((key) => keys.read(key, time.now()) ?? []),
      create: (record) => keys.create(record, time.now()),
    }),
    marker: over<MarkerStore>('marker', { read: () => marker.id, create: (id) => marker.create(id) }),
    workers: over<WorkerStore>('worker', workers),
    statistics: over<StatsStore>('second', statistics),
    resources: over<StackResources>('resources', { ensure: () => undefined }),
  };
}
