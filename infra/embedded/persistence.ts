/** Keeps the embedded DynamoDB's data over a power cut and a full disk, put together. */
import type { Server } from 'node:http';
import type { Store } from 'dynalite/db/index.js';
import type { Durability } from '../../contracts/settings/durability.js';
import type { Logger } from '../../contracts/system/logger.js';
import { DiskSync } from './disk-sync.js';
import { guardStore } from './guard-store.js';
import { holdReplies } from './hold-replies.js';
import { RateLimitedLog } from './rate-limited-log.js';
import { StoreRecovery } from './store-recovery.js';
import { WriteSync } from './write-sync.js';

export interface PersistenceOptions {
  /** Options of LevelDB. */
  readonly folder: string;
  readonly store: Store;
  readonly server: Server;
  readonly durability: Durability;
  readonly logger: Logger;
  /** @see StoreRecoveryOptions.onDamage */
  readonly onDamage?: () => void;
}

export interface Persistence {
  /** Before the server closes: no database is opened after it. */
  stopRecovery(): Promise<void>;
  /** After it. @returns whether all was well, so that the next start need mend nothing */
  stop(): Promise<boolean>;
}

export function startPersistence({
  folder,
  store,
  server,
  durability,
  logger,
  onDamage = () => undefined,
}: PersistenceOptions): Persistence {
  const log = new RateLimitedLog(logger, folder);
  const recovery = new StoreRecovery({ folder, db: store.db, log, onDamage });
  const disk = new DiskSync(folder);
  const writeSync = new WriteSync({
    durability,
    syncDisk: () => disk.sync(),
    now: () => performance.now(),
    onFailure: (error) => log.error('stack.sync_failed', error),
  });
  guardStore(store, {
    onWritten: () => writeSync.noteWrite(),
    onFailure: (operation, error) => recovery.noteFailure(operation, error),
    refusal: () => recovery.failure,
  });
  holdReplies(server, () => writeSync.beforeReply());
  writeSync.start();
  return {
    stopRecovery: () => recovery.stop(),
    stop: async () => {
      await writeSync.stop();
      return recovery.failure === undefined && !recovery.isDamaged;
    },
  };
}
