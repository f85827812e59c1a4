/** Every route of the coordinator for OpenAPI, made of the schemas that validate requests and describe answers. */
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
} from '../../../contracts/http/answers.js';
import {
  eventsQuerySchema,
  headerTextSchema,
  idempotencyKeySchema,
  inferRequestSchema,
  listDeadLettersQuerySchema,
  listTasksQuerySchema,
  redriveRequestSchema,
} from '../../../contracts/http/api.js';
import { heartbeatSchema, workerIdSchema } from '../../../contracts/worker/worker.js';

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

/** In the order in which a newcomer needs them. */
export const TAGS = [
  { name: 'Texts', description: 'Classify texts.' },
  { name: 'Tasks', description: 'The state of an accepted text, with every delivery.' },
  { name: 'Dead letters', description: 'Tasks whose message was delivered too often.' },
  { name: 'Workers', description: 'The functions that run the model.' },
  { name: 'System', description: 'Figures of the whole system, once or as a stream.' },
  { name: 'Health', description: 'For process managers and load balancers.' },
  { name: 'Pages', description: 'For a browser, and this document.' },
];

export const paths = {
  '/infer': {
    post: {
      tags: ['Texts'],
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
      tags: ['Tasks'],
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
      tags: ['Tasks'],
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
      tags: ['Tasks'],
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
      tags: ['Tasks'],
      operationId: 'watchTask',
      summary: 'The task as it is and whenever it changes, until it is final',
      description: 'Server-sent events `task`, each with what `GET /tasks/{id}` answers.',
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
      tags: ['System'],
      operationId: 'watchSystem',
      summary: 'Every second of the system',
      description:
        'Server-sent events: `stats` (a second), `workers` (as of `GET /workers`), `tasks` (the newest), `trouble` (what ' +
        'cannot be read just now).',
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
      tags: ['Dead letters'],
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
      tags: ['Dead letters'],
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
      tags: ['Workers'],
      operationId: 'listWorkers',
      summary: 'The workers: state, load, latency, faults',
      responses: { 200: json('The workers', workersSchema), ...UNAUTHORIZED, ...UNAVAILABLE },
    },
  },
  '/workers/{id}/heartbeat': {
    post: {
      tags: ['Workers'],
      operationId: 'heartbeat',
      summary: 'For workers, with the token that they share with the coordinator',
      security: [{ workerToken: [] }],
      requestParams: { path: z.object({ id: workerIdSchema }) },
      requestBody: body(heartbeatSchema),
      responses: {
        204: { description: 'Heard' },
        ...BAD_BODY,
        ...UNAUTHORIZED,
        403: problem('address_not_allowed: neither loopback nor in WORKER_ADDRESSES'),
        409: problem('worker_id_taken'),
        ...UNAVAILABLE,
      },
    },
  },
  '/stats': {
    get: {
      tags: ['System'],
      operationId: 'getStats',
      summary: 'Queue, rates, percentiles and counts of the last minute',
      responses: { 200: json('The statistics', statsSchema), ...UNAUTHORIZED, ...UNAVAILABLE },
    },
  },
  '/metrics': {
    get: {
      tags: ['System'],
      operationId: 'getMetrics',
      summary: 'For Prometheus',
      responses: { 200: text('Its text format', 'text/plain'), ...UNAUTHORIZED },
    },
  },
  '/healthz': {
    get: {
      tags: ['Health'],
      operationId: 'isAlive',
      summary: 'Alive',
      security: OPEN,
      responses: { 200: json('Alive', healthSchema) },
    },
  },
  '/readyz': {
    get: {
      tags: ['Health'],
      operationId: 'isReady',
      summary: 'Ready to accept: the stack answers, a worker is up',
      security: OPEN,
      responses: { 200: json('Ready', readinessSchema), 503: json('Not ready', readinessSchema) },
    },
  },
  '/openapi.json': {
    get: {
      tags: ['Pages'],
      operationId: 'getContract',
      summary: 'This document',
      security: OPEN,
      responses: { 200: json('OpenAPI 3.1', z.looseObject({ openapi: z.string() })) },
    },
  },
  '/': {
    get: {
      tags: ['Pages'],
      operationId: 'openDashboard',
      summary: 'The dashboard',
      security: OPEN,
      responses: { 200: text('A page', 'text/html') },
    },
  },
  '/docs': {
    get: {
      tags: ['Pages'],
      operationId: 'readContract',
      summary: 'This document as a page',
      security: OPEN,
      responses: { 200: text('A page', 'text/html') },
    },
  },
} satisfies ZodOpenApiPathsObject;
