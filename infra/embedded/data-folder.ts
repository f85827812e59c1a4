/** The folder that the embedded DynamoDB keeps between runs, and the mark by which it knows a clean stop. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../contracts/ports.js';
import { resources } from '../resources/resources.js';
import { withDynamoFolder } from './dynamo-folder.js';
import { finishTableCreations, rebuildSparseIndex, type SparseIndex } from './mend-tables.js';

export interface DataFolder {
  /** For dynalite. */
  readonly path: string;
  markCleanStop(): Promise<void>;
}

const OPEN_BATCHES: SparseIndex = {
  tableName: resources.tables.batches.createTable.TableName,
  indexName: 'open',
  hashAttribute: 'openShard',
};

/**
 * Makes the folder ready for one process. What a process that was killed left behind is mended first.
 * @throws FolderInUseError where another process has it.
 */
export async function openDataFolder(dataDir: string, logger: Logger): Promise<DataFolder> {
  const path = join(dataDir, 'dynamodb');
  const cleanStopMark = join(dataDir, 'dynamodb-clean-stop');
  const isUnclean = existsSync(path) && !existsSync(cleanStopMark);
  await mkdir(path, { recursive: true });
  await withDynamoFolder(path, async (store) => {
    if (!isUnclean) return;
    await finishTableCreations(store);
    const unfinished = await rebuildSparseIndex(store, OPEN_BATCHES);
    logger.warn({ folder: path, unfinished }, 'stack.mended');
  });
  await rm(cleanStopMark, { force: true });
  return { path, markCleanStop: () => writeFile(cleanStopMark, '') };
}
