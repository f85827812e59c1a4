/** The folder that the embedded DynamoDB keeps between runs, and the mark by which it knows a clean stop. */
import { existsSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { expectFiles, createPrivateFolder, makeFolderPrivate } from '../process/private-folder.js';
import { resources } from '../resources/resources.js';
import { DiskSync, syncFolder } from './disk-sync.js';
import { DamagedFolderError, repairDynamoFolder, withDynamoFolder } from './dynamo-folder.js';
import {
  finishTableCreations,
  rebuildSparseIndex,
  restoreLostTables,
  type SparseIndex,
} from './repair-tables.js';

export interface DataFolder {
  /** For dynalite. */
  readonly path: string;
  /** To be called when the database is closed. */
  markCleanStop(): Promise<void>;
  /** The next start repairs it. */
  markDamaged(): void;
}

const TABLES = 'dynamodb';
const CLEAN_STOP = 'dynamodb-clean-stop';
const DAMAGED = 'dynamodb-damaged';

const OPEN_BATCHES: SparseIndex = {
  tableName: resources.tables.batches.createTable.TableName,
  indexName: 'open',
  hashAttribute: 'openShard',
};

/**
 * Makes the folder ready for one process. What a process that was killed, or a power cut, left behind is mended first.
 * @throws FolderInUseError where another process has it.
 * @throws FolderError where it cannot be used.
 */
export async function openDataFolder(dataDir: string, logger: Logger): Promise<DataFolder> {
  const path = join(dataDir, TABLES);
  const cleanStopMark = join(dataDir, CLEAN_STOP);
  const damagedMark = join(dataDir, DAMAGED);
  const isUnclean = existsSync(path) && !existsSync(cleanStopMark);
  await createPrivateFolder(path);
  await makeFolderPrivate(dataDir, [TABLES, CLEAN_STOP, DAMAGED]);
  await expectFiles(dataDir, (name) => name === CLEAN_STOP || name === DAMAGED);
  try {
    if (existsSync(damagedMark))
      throw new DamagedFolderError(path, new Error('some of it could not be read'));
    await repairIndexes(path, isUnclean, logger);
  } catch (error) {
    if (!(error instanceof DamagedFolderError)) throw error;
    const backup = await repairDynamoFolder(path);
    logger.warn({ folder: path, error: messageOf(error), backup }, 'stack.repaired');
    await restoreTables(path, logger);
    await repairIndexes(path, true, logger);
  }
  await rm(damagedMark, { force: true });
  await rm(cleanStopMark, { force: true });
  await syncFolder(dataDir); // or a power cut might bring the mark back
  await syncFolder(path);
  return {
    path,
    markCleanStop: async () => {
      await new DiskSync(path).sync();
      await writeFile(cleanStopMark, '');
      await syncFolder(dataDir);
    },
    markDamaged: () => {
      try {
        writeFileSync(damagedMark, '', { mode: 0o600 });
      } catch (error) {
        logger.error({ folder: path, error: messageOf(error) }, 'stack.mark_failed');
      }
    },
  };
}

/** A repair may lose what describes a table and keep its items, which nobody would see again. */
async function restoreTables(path: string, logger: Logger): Promise<void> {
  await withDynamoFolder(path, async (store) => {
    const inputs = Object.values(resources.tables).map(({ createTable }) => createTable);
    const tables = await restoreLostTables(store, inputs);
    if (tables.length > 0) logger.warn({ folder: path, tables }, 'stack.tables_restored');
  });
}

async function repairIndexes(path: string, isUnclean: boolean, logger: Logger): Promise<void> {
  await withDynamoFolder(path, async (store) => {
    if (!isUnclean) return;
    await finishTableCreations(store);
    const unfinished = await rebuildSparseIndex(store, OPEN_BATCHES);
    logger.warn({ folder: path, unfinished }, 'stack.indexes_rebuilt');
  });
}
