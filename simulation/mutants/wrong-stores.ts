/** Bugs that sit between a coordinator and its tables. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { KeyStore } from '../../contracts/stack/stores.js';
import type { BatchTable } from '../models/batch-table.js';
import type { KeyTable } from '../models/small-tables.js';
import { overrideMethods } from '../engine/override-methods.js';

/** Writes whatever stands there: the condition was forgotten. */
export function writingUnconditionally(store: BatchStore, table: BatchTable): BatchStore {
  return overrideMethods(store, {
    replace: (previous, next) => {
      const rev = table.read(previous.id)?.rev ?? previous.rev;
      return store.replace({ ...previous, rev }, { ...next, rev: rev + 1 });
    },
  });
}

/** After a conflict it writes its own tasks over those that somebody else has answered meanwhile. */
export function overwritingMerge(store: BatchStore): BatchStore {
  return overrideMethods(store, {
    replace: async (previous, next) => {
      const result = await store.replace(previous, next);
      const there = result === 'conflict' ? await store.read(previous.id) : undefined;
      if (there === undefined) return result;
      const deliveries = { ...there.deliveries, ...next.deliveries };
      return store.replace(there, { ...next, rev: there.rev + 1, deliveries });
    },
  });
}

/** After a conflict it believes that whoever was there first has written everything, its own answers too. */
export function droppingMerge(store: BatchStore): BatchStore {
  return overrideMethods(store, {
    replace: async (previous, next) => {
      await store.replace(previous, next);
      return 'written';
    },
  });
}

/** Does not know its own writes again: one that landed and whose reply was lost reads as somebody else's. */
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

/** Puts its record in the place of one that is there. */
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
