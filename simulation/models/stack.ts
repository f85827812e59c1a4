/** The content of SQS and DynamoDB in one execution. */
import type { Execution } from '../engine/execution.js';
import { BatchTable, type WriteListener } from './batch-table.js';
import { QueueModel, type QueueSettings } from './queue-model.js';
import { QueueService } from './queue-service.js';
import { KeyTable, MarkerTable, WorkerTable } from './small-tables.js';
import { StatsTable } from './stats-table.js';

export interface StackModel {
  readonly batches: BatchTable;
  readonly keys: KeyTable;
  readonly workers: WorkerTable;
  readonly marker: MarkerTable;
  readonly statistics: StatsTable;
  readonly queue: QueueService;
  readonly deadLetters: QueueService;
  /** When anything was last written, sent, received or deleted. */
  changedAtMs(): number;
  /** Empties all tables, as after a restart without stored data. */
  empty(): void;
}

/** Probabilities are functions because faults end. */
export interface StackSettings extends QueueSettings {
  readonly reorders: boolean;
  readonly staleHandlesWork: boolean;
  readonly duplicates: () => number;
  readonly undeletes: () => number;
}

/** @param written called with every document that is stored in the table of batches */
export function createStack(
  execution: Execution,
  settings: StackSettings,
  written: WriteListener,
): StackModel {
  const { time } = execution;
  const now = () => time.nowMs;
  let changedAtMs = 0;
  const changed = () => void (changedAtMs = time.nowMs);
  const { random } = execution;
  const quirks = { ...settings, random: random.fork('queue'), counting: random.fork('counting') };
  const neverMoved = { ...settings, maxReceiveCount: Infinity };
  const deadLetters = new QueueModel('d', now, neverMoved, undefined, quirks, { changed });
  const queue = new QueueModel('m', now, settings, deadLetters, quirks, {
    duplicated: ({ id }) => execution.inject('message not hidden', () => id),
    uncounted: ({ id }) => execution.inject('receive not counted', () => id),
    undeleted: ({ id }) => execution.inject('deleted message comes again', () => id),
    deadLettered: ({ id }) => execution.trace(() => `${id} goes to the dead letters`),
    changed,
  });
  const batches = new BatchTable((batch, before, how) => {
    changed();
    written(batch, before, how);
  });
  const keys = new KeyTable();
  const workers = new WorkerTable();
  const marker = new MarkerTable();
  const statistics = new StatsTable();
  return {
    batches,
    keys,
    workers,
    marker,
    statistics,
    queue: new QueueService(time, queue),
    deadLetters: new QueueService(time, deadLetters),
    changedAtMs: () => changedAtMs,
    empty: () => {
      batches.empty();
      keys.records.clear();
      workers.records.clear();
      statistics.rows.clear();
      marker.id = undefined;
    },
  };
}
