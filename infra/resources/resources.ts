/**
 * The queues and tables, as `resources.json` describes them: inputs of `create-queue`, `create-table` and
 * `update-time-to-live`, so that a shell script can use them as they are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../process/project-root.js';

const keySchema = z
  .array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1)
  .max(2);

const indexSchema = z.object({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.object({ ProjectionType: z.literal('KEYS_ONLY') }),
});

const createTableSchema = z.object({
  TableName: z.string(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(indexSchema).exactOptional(),
});

const tableSchema = z.object({
  createTable: createTableSchema,
  updateTimeToLive: z
    .object({
      TableName: z.string(),
      TimeToLiveSpecification: z.object({ Enabled: z.literal(true), AttributeName: z.string() }),
    })
    .exactOptional(),
});

const createQueueSchema = z.object({
  QueueName: z.string(),
  Attributes: z.record(z.string(), z.string()),
});

const resourcesSchema = z.object({
  queues: z.object({
    batches: z.object({ createQueue: createQueueSchema, maxReceiveCount: z.int().positive() }),
    deadLetters: z.object({ createQueue: createQueueSchema }),
  }),
  tables: z.object({
    batches: tableSchema,
    workers: tableSchema,
    stats: tableSchema,
    keys: tableSchema,
    meta: tableSchema,
  }),
});

export type Resources = z.infer<typeof resourcesSchema>;
export type TableResource = z.infer<typeof tableSchema>;
export type TableNames = Readonly<Record<keyof Resources['tables'], string>>;

export const resources: Resources = resourcesSchema.parse(
  JSON.parse(readFileSync(join(projectRoot, 'infra', 'resources', 'resources.json'), 'utf8')),
);

export const tableNames: TableNames = tableNamesOf(resources);

export function tableNamesOf({ tables }: Resources): TableNames {
  return {
    batches: tables.batches.createTable.TableName,
    workers: tables.workers.createTable.TableName,
    stats: tables.stats.createTable.TableName,
    keys: tables.keys.createTable.TableName,
    meta: tables.meta.createTable.TableName,
  };
}
