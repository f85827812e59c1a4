/** Reads from a call's input and answer which resource it touched and how large it was. */
import { z } from 'zod';
import { resources } from '../../resources/resources.js';

/** A payload counts as one request for each piece of that size that it is begun. */
const SQS_PIECE_BYTES = 64 * 1024;

const itemSchema = z.record(z.string(), z.unknown());
const inputSchema = z.object({
  QueueUrl: z.string().optional(),
  QueueName: z.string().optional(),
  MessageBody: z.string().optional(),
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  Item: itemSchema.optional(),
  RequestItems: itemSchema.optional(),
});
const unitsSchema = z.object({ CapacityUnits: z.number().optional() });
const capacitySchema = unitsSchema.extend({ Table: unitsSchema.optional() });
const answerSchema = z.object({
  Messages: z.array(z.object({ Body: z.string().optional() })).optional(),
  Attributes: itemSchema.optional(),
  Item: itemSchema.optional(),
  Items: z.array(itemSchema).optional(),
  Responses: z.record(z.string(), z.array(itemSchema)).optional(),
  ConsumedCapacity: z.union([capacitySchema, z.array(capacitySchema)]).optional(),
});

export type CallInput = z.infer<typeof inputSchema>;
type CallAnswer = z.infer<typeof answerSchema>;

export function readCall(input: unknown, answer: unknown): { input: CallInput; answer: CallAnswer } {
  return { input: inputSchema.parse(input), answer: answerSchema.parse(answer) };
}

/** `queue batches`, `table stats`, `index batches/open`, by the names that resources.json has for them. */
export function resourceOf({ QueueUrl, QueueName, TableName, IndexName, RequestItems }: CallInput): string {
  const queueName = QueueName ?? QueueUrl?.split('/').at(-1);
  if (queueName !== undefined) return `queue ${queueKeyOf(queueName)}`;
  const table = tableKeyOf(TableName ?? Object.keys(RequestItems ?? {})[0]);
  return IndexName === undefined ? `table ${table}` : `index ${table}/${IndexName}`;
}

function queueKeyOf(name: string): string {
  const found = Object.entries(resources.queues).find(
    ([, { createQueue }]) => createQueue.QueueName === name,
  );
  return found?.[0] ?? name;
}

function tableKeyOf(name = ''): string {
  const found = Object.entries(resources.tables).find(
    ([, { createTable }]) => createTable.TableName === name,
  );
  return found?.[0] ?? name;
}

export function isEmptyAnswer({ Messages, Item, Items, Responses }: CallAnswer): boolean {
  const found = [...(Messages ?? []), ...(Items ?? []), ...Object.values(Responses ?? {}).flat()];
  return Item === undefined && found.length === 0;
}

/** At least one, whatever it carried. */
export function sqsRequestsOf({ MessageBody }: CallInput, { Messages = [] }: CallAnswer): number {
  const bytes = [MessageBody, ...Messages.map(({ Body }) => Body)].reduce(
    (sum, body = '') => sum + Buffer.byteLength(body),
    0,
  );
  return Math.max(1, Math.ceil(bytes / SQS_PIECE_BYTES));
}

/** All that a read consumed. */
export function unitsRead(answer: CallAnswer): number {
  return sumOf(answer, ({ CapacityUnits }) => CapacityUnits);
}

/** Units that a write consumed in its table: DynamoDB adds that of the indexes, emulators do not. */
export function unitsWritten(answer: CallAnswer): number {
  return sumOf(answer, ({ Table, CapacityUnits }) => Table?.CapacityUnits ?? CapacityUnits);
}

type Capacity = z.infer<typeof capacitySchema>;

function sumOf(
  { ConsumedCapacity: consumed = [] }: CallAnswer,
  unitsOf: (capacity: Capacity) => number | undefined,
): number {
  const all = Array.isArray(consumed) ? consumed : [consumed];
  return all.reduce((sum, capacity) => sum + (unitsOf(capacity) ?? 0), 0);
}
