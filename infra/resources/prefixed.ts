/** The same queues and tables under other names, so that a check harms nothing on a stack that is in use. */
import type { Resources, TableResource } from './resources.js';

export function prefixed({ queues, tables }: Resources, prefix: string): Resources {
  const queue = <Queue extends { readonly createQueue: { readonly QueueName: string } }>(
    described: Queue,
  ) => ({
    ...described,
    createQueue: { ...described.createQueue, QueueName: `${prefix}${described.createQueue.QueueName}` },
  });
  const table = ({ createTable, updateTimeToLive }: TableResource): TableResource => {
    const TableName = `${prefix}${createTable.TableName}`;
    return {
      createTable: { ...createTable, TableName },
      ...(updateTimeToLive === undefined ? {} : { updateTimeToLive: { ...updateTimeToLive, TableName } }),
    };
  };
  return {
    queues: { batches: queue(queues.batches), deadLetters: queue(queues.deadLetters) },
    tables: {
      batches: table(tables.batches),
      workers: table(tables.workers),
      stats: table(tables.stats),
      keys: table(tables.keys),
      meta: table(tables.meta),
    },
  };
}
