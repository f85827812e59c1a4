/** Requests to the coordinator, as schemas. Its answers: task-view.ts and errors.ts. */
import { z } from 'zod';
import { MAX_REPLAY_SECONDS } from './live.js';
import { TASK_STATUSES } from '../batch/task-status.js';
import { MAX_TEXT_LENGTH, MAX_TEXTS } from '../batch/text-bounds.js';

export { MAX_TEXT_LENGTH, MAX_TEXTS } from '../batch/text-bounds.js';

export const MAX_BODY_BYTES = 1024 * 1024;
/** New tasks that one redrive makes at most. */
export const MAX_REDRIVEN = 1000;
const MAX_CURSOR_LENGTH = 200;
const EXPECTED_CURSOR = 'expected a cursor that an earlier answer gave';
const EXPECTED_LIMIT = 'expected a whole number from 1 to 200';
const EXPECTED_HISTORY = `expected a whole number from 0 to ${MAX_REPLAY_SECONDS}`;

/** Parameters of a query: a name that is given twice has a list as its value. */
const cursorSchema = z.string(EXPECTED_CURSOR).max(MAX_CURSOR_LENGTH, EXPECTED_CURSOR);

/** Far enough for anybody, near enough for every date library and database number. */
const MAX_DEADLINE_MS = 365 * 24 * 3600 * 1000;

const textSchema = z
  .string('expected a string')
  .refine((text) => text.length <= MAX_TEXT_LENGTH, `expected at most ${MAX_TEXT_LENGTH} UTF-16 units`)
  .refine((text) => text.trim() !== '', 'expected a text that is not empty or blank');

const deadlineSchema = z
  .number('expected a number of milliseconds above 0')
  .positive('expected a number of milliseconds above 0')
  .max(MAX_DEADLINE_MS, `expected at most ${MAX_DEADLINE_MS} milliseconds`);

/** `{text}` or `{texts}`, not both, and nothing else but `deadlineMs`. */
export const inferRequestSchema = z
  .strictObject(
    {
      text: textSchema.optional(),
      texts: z
        .array(textSchema, 'expected an array of strings')
        .min(1, 'expected at least one text')
        .max(MAX_TEXTS, `expected at most ${MAX_TEXTS} texts`)
        .optional(),
      deadlineMs: deadlineSchema.optional(),
    },
    'expected a JSON object',
  )
  .refine(({ text, texts }) => (text === undefined) !== (texts === undefined), {
    path: ['text'],
    message: 'expected either text or texts',
  });

export type InferRequest = z.infer<typeof inferRequestSchema>;

const pageQuery = {
  limit: z
    .string(EXPECTED_LIMIT)
    .regex(/^\d{1,3}$/, EXPECTED_LIMIT)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 200, EXPECTED_LIMIT)
    .default(50),
  cursor: cursorSchema.optional(),
};

export const listTasksQuerySchema = z.strictObject({
  status: z.enum(['open', ...TASK_STATUSES], `expected one of: open, ${TASK_STATUSES.join(', ')}`).optional(),
  ...pageQuery,
});

/** `GET /events?history=300`: so many seconds of the past come first. */
export const eventsQuerySchema = z.strictObject({
  history: z
    .string(EXPECTED_HISTORY)
    .regex(/^\d{1,3}$/, EXPECTED_HISTORY)
    .transform(Number)
    .refine((seconds) => seconds <= MAX_REPLAY_SECONDS, EXPECTED_HISTORY)
    .default(0),
});

export const listDeadLettersQuerySchema = z.strictObject(pageQuery);

/** `{}` for all, `{cursor}` to go on with all, or `{taskIds}`. */
export const redriveRequestSchema = z
  .strictObject(
    {
      taskIds: z
        .array(z.string('expected a task id').max(100, 'expected a task id'), 'expected an array of task ids')
        .min(1, 'expected at least one task id')
        .max(MAX_REDRIVEN, `expected at most ${MAX_REDRIVEN} task ids`)
        .optional(),
      cursor: cursorSchema.optional(),
    },
    'expected a JSON object',
  )
  .refine(({ taskIds, cursor }) => taskIds === undefined || cursor === undefined, {
    path: ['cursor'],
    message: 'expected either taskIds or a cursor',
  });

export type RedriveRequest = z.infer<typeof redriveRequestSchema>;

/** A client's name for its request, or its key: printable ASCII, bounded. */
export const headerTextSchema = z
  .string()
  .regex(/^[\x21-\x7e][\x20-\x7e]{0,199}$/, 'expected 1 to 200 printable characters');

/** Keys under which the coordinator itself takes tasks in; clients cannot use them. */
export const REDRIVE_KEY_PREFIX = 'redrive:';

export const idempotencyKeySchema = headerTextSchema.refine(
  (key) => !key.startsWith(REDRIVE_KEY_PREFIX),
  `expected a key that does not begin with ${REDRIVE_KEY_PREFIX}`,
);
