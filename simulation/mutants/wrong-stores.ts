/** Mutants between a coordinator and its tables. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { KeyStore } from '../../contracts/stack/stores.js';
import type { BatchTable } from '../models/batch-table.js';
import type { KeyTable } from '../models/small-tables.js';
import { overrideMethods } from '../engine/override-methods.js';

/** Writes without a condition. */
export function writingUnconditionally(store: BatchStore, table: BatchTable): BatchStore {
  return overrideMethods(store, {
    replace: (previous, next) => {
      const rev = table.read(previous.id)?.rev ?? previous.rev;
      return store.replace({ ...previous, rev }, { ...next, rev: rev + 1 });
    },
  });
}

/** After a conflict, overwrites the tasks that another coordinator has answered. */
export function overwritingMerge(store: BatchStore): BatchStore {
  return overrideMethods(store, {
    replace: async (previous, next) => {
      const result = await store.replace(previous, next);
      const stored = result === 'conflict' ? await store.read(previous.id) : undefined;
      if (stored === undefined) return result;
      const deliveries = { ...stored.deliveries, ...next.deliveries };
      return store.replace(stored, { ...next, rev: stored.rev + 1, deliveries });
    },
  });
}

/** After a conflict, assumes that the other coordinator has written all answers. */
export function droppingMerge(store: BatchStore): BatchStore {
  return overrideMethods(store, {
    replace: async (previous, next) => {
      await store.replace(previous, next);
      return 'written';
    },
  });
}

/** Does not recognize its own write if the reply was lost. */
export function forgettingOwnWrites(store: BatchStore): BatchStore {
  return overrideMethods(store, {
    create: async (batch) => {
      const result = await store.create(batch);
      return result === 'created' ? result : withoutWriteIds(result);
    },
    read: async (id) => {
      const batch = await store.read(id);
      return batch && withoutWriteIds(batch);
    },
  });
}

/** Overwrites an existing record. */
export function overwritingKeys(keys: KeyStore, table: KeyTable): KeyStore {
  return overrideMethods(keys, {
    create: (record) => {
      table.records.delete(record.key);
      return keys.create(record);
    },
  });
}

function withoutWriteIds(batch: BatchDocument): BatchDocument {
  return { ...batch, writeIds: [] };
}
