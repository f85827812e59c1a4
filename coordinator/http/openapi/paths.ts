/** Every route of the coordinator as OpenAPI tells it, made of the schemas that validate requests and describe answers. */
import { z } from 'zod';
import type { ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi';
import {
  acceptedSchema,
  healthSchema,
  manyAnswerSchema,
  oneAnswerSchema,
  problemSchema,
  readinessSchema,
  redriveAnswerSchema,
  statsSchema,
  taskPageSchema,
  taskViewSchema,
  workersSchema,
} from '../../../contracts/answers.js';
import {
  eventsQuerySchema,
  headerTextSchema,
  idempotencyKeySchema,
  inferRequestSchema,
  listDeadLettersQuerySchema,
  listTasksQuerySchema,
  redriveRequestSchema,
} from '../../../contracts/api.js';
import { heartbeatSchema } from '../../../contracts/worker.js';

const json = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/json': { schema } },
});
const text = (description: string, type: string): ZodOpenApiResponseObject => ({
  description,
  content: { [type]: { schema: z.string() } },
});
const problem = (codes: string, headers?: z.ZodObject): ZodOpenApiResponseObject => ({
  description: `\`code\`: ${codes}`,
  content: { 'application/problem+json': { schema: problemSchema } },
  ...(headers === undefined ? {} : { headers }),
});
const body = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } });

const retryAfter = z.object({ 'Retry-After': z.string().meta({ description: 'Seconds.' }) });
const lastEventId = z.object({
  'Last-Event-ID': z.string().optional().meta({ description: 'Goes on where a stream broke off.' }),
});
const UNAUTHORIZED = { 401: problem('unauthorized') };
const UNAVAILABLE = { 503: problem('stack_unavailable, shutting_down', retryAfter) };
const BAD_BODY = {
  400: problem('invalid_request'),
  413: problem('too_large'),
  415: problem('unsupported_media_type'),
};
const OPEN: [] = [];
const id = z.object({ id: z.string() });

export const paths = {
  '/infer': {
    post: {
      operationId: 'infer',
      summary: 'Classifies one text, or several',
      requestParams: {
        header: z.object({
          'Idempotency-Key': idempotencyKeySchema
            .optional()
            .meta({ description: 'Same key, same tasks, for a day.' }),
          Prefer: z
            .string()
            .optional()
            .meta({ description: '`respond-async`, or `wait=SECONDS`; without either 30 seconds.' }),
          'X-Request-Id': headerTextSchema.optional(),
        }),
      },
      requestBody: body(inferRequestSchema),
      responses: {
        200: json(
          'Final: of one text its answer, of several one each',
          z.union([oneAnswerSchema, manyAnswerSchema]),
        ),
        202: {
          ...json('Accepted, and not final yet', acceptedSchema),
          headers: z.object({
            Location: z.string().optional().meta({ description: 'Of one text: its task.' }),
          }),
        },
        ...BAD_BODY,
        ...UNAUTHORIZED,
        404: problem('not_found: of a key whose task is no longer kept'),
        409: problem('idempotency_conflict, task_cancelled'),
        429: problem('overloaded', retryAfter),
        502: problem('task_failed'),
        ...UNAVAILABLE,
        504: problem('deadline_exceeded'),
      },
    },
  },
  '/tasks': {
    get: {
      operationId: 'listTasks',
      summary: 'Tasks, newest first; a page may be short while there is a cursor',
      requestParams: { query: listTasksQuerySchema },
      responses: {
        200: json('A page', taskPageSchema),
        400: problem('invalid_request'),
        ...UNAUTHORIZED,
        ...UNAVAILABLE,
      },
    },
  },
  '/tasks/{id}': {
    get: {
      operationId: 'getTask',
      summary: 'A task, with every delivery that carried it',
      requestParams: { path: id },
      responses: {
        200: json('The task', taskViewSchema),
        ...UNAUTHORIZED,
        404: problem('not_found'),
        ...UNAVAILABLE,
      },
    },
    delete: {
      operationId: 'cancelTask',
      summary: 'Cancels a task that is neither running nor final',
      requestParams: { path: id },
      responses: {
        200: json('The cancelled task', taskViewSchema),
        ...UNAUTHORIZED,
        404: problem('not_found'),
        409: problem('not_cancellable'),
        ...UNAVAILABLE,
      },
    },
  },
  '/tasks/{id}/events': {
    get: {
      operationId: 'watchTask',
      summary: 'The task as it is and whenever it changes, until it is final: server-sent events `task`',
      requestParams: { path: id, header: lastEventId },
      responses: {
        200: text('Events', 'text/event-stream'),
        204: { description: 'Final, and seen: nothing more will come' },
        ...UNAUTHORIZED,
        404: problem('not_found'),
        ...UNAVAILABLE,
      },
    },
  },
  '/events': {
    get: {
      operationId: 'watchSystem',
      summary: 'Every second of the system: server-sent events `stats`, `workers`, `tasks`, `trouble`',
      requestParams: { query: eventsQuerySchema, header: lastEventId },
      responses: {
        200: text('Events', 'text/event-stream'),
        400: problem('invalid_request'),
        ...UNAUTHORIZED,
        ...UNAVAILABLE,
      },
    },
  },
  '/dead-letters': {
    get: {
      operationId: 'listDeadLetters',
      summary: 'Tasks that the queue gave up, newest first',
      requestParams: { query: listDeadLettersQuerySchema },
      responses: {
        200: json('A page', taskPageSchema),
        400: problem('invalid_request'),
        ...UNAUTHORIZED,
        ...UNAVAILABLE,
      },
    },
  },
  '/dead-letters/redrive': {
    post: {
      operationId: 'redrive',
      summary: 'Takes the texts of dead-lettered tasks in again, as new tasks, once',
      requestBody: body(redriveRequestSchema),
      responses: {
        200: json('What was taken in, and what not', redriveAnswerSchema),
        ...BAD_BODY,
        ...UNAUTHORIZED,
        429: problem('overloaded', retryAfter),
        ...UNAVAILABLE,
      },
    },
  },
  '/workers': {
    get: {
      operationId: 'listWorkers',
      summary: 'The workers: state, load, latency, faults',
      responses: { 200: json('The workers', workersSchema), ...UNAUTHORIZED, ...UNAVAILABLE },
    },
  },
  '/workers/{id}/heartbeat': {
    post: {
      operationId: 'heartbeat',
      summary: 'For workers, with the token that they share with the coordinator',
      security: [{ workerToken: [] }],
      requestParams: { path: z.object({ id: headerTextSchema }) },
      requestBody: body(heartbeatSchema),
      responses: { 204: { description: 'Heard' }, ...BAD_BODY, ...UNAUTHORIZED, ...UNAVAILABLE },
    },
  },
  '/stats': {
    get: {
      operationId: 'getStats',
      summary: 'Queue, rates, percentiles and counts of the last minute',
      responses: { 200: json('The statistics', statsSchema), ...UNAUTHORIZED, ...UNAVAILABLE },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      summary: 'For Prometheus',
      responses: { 200: text('Its text format', 'text/plain'), ...UNAUTHORIZED },
    },
  },
  '/healthz': {
    get: {
      operationId: 'isAlive',
      summary: 'Alive',
      security: OPEN,
      responses: { 200: json('Alive', healthSchema) },
    },
  },
  '/readyz': {
    get: {
      operationId: 'isReady',
      summary: 'Ready to accept: the stack answers, a worker is up',
      security: OPEN,
      responses: { 200: json('Ready', readinessSchema), 503: json('Not ready', readinessSchema) },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getContract',
      summary: 'This document',
      security: OPEN,
      responses: { 200: json('OpenAPI 3.1', z.looseObject({ openapi: z.string() })) },
    },
  },
  '/': {
    get: {
      operationId: 'openDashboard',
      summary: 'The dashboard',
      security: OPEN,
      responses: { 200: text('A page', 'text/html') },
    },
  },
  '/docs': {
    get: {
      operationId: 'readContract',
      summary: 'This document as a page',
      security: OPEN,
      responses: { 200: text('A page', 'text/html') },
    },
  },
} satisfies ZodOpenApiPathsObject;
