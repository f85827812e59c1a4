import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { paths } from '../../../../coordinator/http/openapi/paths.js';
import { projectRoot } from '../../../../infra/process/project-root.js';
import { eventually } from '../../../support/eventually.js';
import { answer, succeedAll } from '../../../support/fake-functions.js';
import {
  startHttpCoordinator,
  WORKER_TOKEN,
  type Answer,
  type HttpCoordinator,
} from '../../../support/http-coordinator.js';
import { heartbeatOf } from '../../../support/running-coordinator.js';

const METHODS = ['get', 'post', 'put', 'delete', 'patch'] as const;
/** The files of the pages. */
const isPartOfPage = (route: string): boolean => / \/(docs|dashboard|contracts)\//.test(route);

const layerSchema = z.object({
  route: z.object({ path: z.string(), methods: z.record(z.string(), z.boolean()) }).optional(),
  handle: z.unknown(),
});
type Layer = z.infer<typeof layerSchema>;

/** Every method and path that Express really serves. */
function routesOf(stack: unknown): string[] {
  return z
    .array(layerSchema)
    .parse(stack)
    .flatMap(({ route, handle }: Layer) => {
      if (route !== undefined) {
        const path = route.path.replace(/:(\w+)/g, '{$1}');
        const refusesTheRest = METHODS.every((method) => route.methods[method]);
        if (refusesTheRest) return [];
        return METHODS.filter((method) => route.methods[method]).map((method) => `${method} ${path}`);
      }
      return typeof handle === 'function' && 'stack' in handle ? routesOf(handle.stack) : [];
    });
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: z.ZodType }>> }>
  >;
}

const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item as unknown as Record<string, Operation>).map(([method, operation]) => ({
    route: `${method} ${path}`,
    operation,
  })),
);

/** Fails where the answer is not what the document says of its status: a member too few, of another kind, or unnamed. */
function expectToMatch(route: string, { status, headers, body }: Answer): void {
  const operation = operations.find((candidate) => candidate.route === route)?.operation;
  const response = operation?.responses[String(status)];
  expect(response, `${route} answers ${status}`).toBeDefined();
  const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (response?.content === undefined) {
    expect(body).toBe('');
    return;
  }
  const schema = response.content[type]?.schema;
  if (schema === undefined) throw new Error(`${route} answers ${status} with ${type}, which it does not say`);
  expect(schema.parse(body)).toEqual(body);
}

describe('the contract', () => {
  let coordinator: HttpCoordinator;
  let contract: z.infer<typeof contractSchema>;
  beforeAll(async () => {
    coordinator = await startHttpCoordinator({
      maxOutstandingTasks: 50,
      script: (invoke, _nth, invokeCall) => {
        if (!invoke.request.tasks.some(({ text }) => text === 'hopeless')) return succeedAll(invoke);
        invokeCall.onFault('partial');
        const failed = { status: 'failed', code: 'hopeless', message: 'no', retryable: false } as const;
        return answer(
          invoke.workerId,
          invoke.request.tasks.map(({ taskId }) => ({ taskId, ...failed })),
        );
      },
    });
    contract = contractSchema.parse((await coordinator.call('/openapi.json')).body);
  });
  afterAll(() => coordinator.stop());

  it('names every route that is served, and no other', () => {
    const served = routesOf(coordinator.app.router.stack).filter((route) => !isPartOfPage(route));
    expect(served.length).toBeGreaterThan(10);
    const documented = Object.entries(contract.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(documented.toSorted()).toEqual([...new Set(served)].toSorted());
  });

  it('is OpenAPI 3.1, of this version, with references that lead somewhere and ids that are unique', () => {
    expect(contract.openapi).toMatch(/^3\.1\./);
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')));
    expect(contract.info.version).toBe(version);
    const references = [...JSON.stringify(contract).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, name = ''] of references) expect(contract.components.schemas).toHaveProperty([name]);
    const ids = Object.values(contract.paths).flatMap((item) =>
      Object.values(item).map((o) => o.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('puts each operation into a group that it describes, and Markdown only where it is read as such', () => {
    const groups = contract.tags.map(({ name }) => name);
    const used = new Set<string>();
    for (const { operationId, tags, summary } of Object.values(contract.paths).flatMap((item) =>
      Object.values(item),
    )) {
      expect(tags, operationId).toHaveLength(1);
      expect(groups).toContain(tags[0]);
      used.add(tags[0] ?? '');
      expect(summary).not.toContain('`');
    }
    expect([...used].toSorted()).toEqual(groups.toSorted());
  });

  it('names the parameters that stand in each path', () => {
    for (const [path, item] of Object.entries(contract.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(item)) {
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(named, path).toEqual(inPath);
      }
    }
  });

  it('lets answers have more members, and requests none that is unknown', () => {
    expect(contract.components.schemas['Task']).not.toHaveProperty('additionalProperties');
    const requested = contract.paths['/infer']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(requested).toMatchObject({ additionalProperties: false });
  });

  it('says what the routes answer', async () => {
    const { call, post } = coordinator;
    const one = await post({ text: 'fine' });
    expectToMatch('post /infer', one);
    expectToMatch('post /infer', await post({ texts: ['a', 'hopeless'] }));
    expectToMatch('post /infer', await post({ text: 'later' }, { prefer: 'respond-async' }));
    expectToMatch('post /infer', await post({ text: '' }));
    expectToMatch('post /infer', await post({ text: 'hopeless' }));
    expectToMatch('post /infer', await post({ texts: Array.from({ length: 51 }, () => 'x') }));
    expectToMatch('post /infer', await post('x', { 'content-type': 'text/plain' }));
    const { taskId } = z.object({ taskId: z.string() }).parse(one.body);
    expectToMatch('get /tasks/{id}', await call(`/tasks/${taskId}`));
    expectToMatch('get /tasks/{id}', await call('/tasks/none'));
    expectToMatch('delete /tasks/{id}', await call(`/tasks/${taskId}`, { method: 'DELETE' }));
    expectToMatch('get /tasks', await call('/tasks?limit=2'));
    expectToMatch('get /tasks', await call('/tasks?limit=x'));
    expectToMatch('get /tasks', await call('/tasks?status=failed'));
    expectToMatch('get /dead-letters', await call('/dead-letters'));
    const redrive = (body: unknown) =>
      call('/dead-letters/redrive', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expectToMatch('post /dead-letters/redrive', await redrive({ taskIds: [taskId] }));
    expectToMatch('post /dead-letters/redrive', await redrive({ taskIds: [] }));
    await eventually(async () => expectToMatch('get /stats', await call('/stats')));
    for (const path of ['/workers', '/metrics', '/healthz', '/readyz', '/openapi.json', '/docs']) {
      expectToMatch(`get ${path}`, await call(path));
    }
    coordinator.queue.failures.plan('depth', 'effect-lost');
    expectToMatch('get /readyz', await call('/readyz'));
    const beat = (token: string) =>
      call('/workers/worker-9/heartbeat', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ ...heartbeatOf('worker-9'), injected: { error: 2 } }),
      });
    expectToMatch('post /workers/{id}/heartbeat', await beat(WORKER_TOKEN));
    expectToMatch('post /workers/{id}/heartbeat', await beat('wrong'));
    expectToMatch('get /workers', await call('/workers'));
  });
});

describe('the page of the contract', () => {
  let coordinator: HttpCoordinator;
  beforeAll(async () => {
    coordinator = await startHttpCoordinator({ apiKey: 'secret' });
  });
  afterAll(() => coordinator.stop());

  it('is served from here with all that it needs, without the key, under a strict policy', async () => {
    const page = await coordinator.call('/docs');
    expect(page.status).toBe(200);
    const html = String(page.body);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\bstyle=/);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts.length).toBeGreaterThanOrEqual(4);
    for (const part of parts) {
      expect(part).not.toMatch(/^(\w+:)?\/\//);
      const { status, headers } = await coordinator.call(new URL(part, 'http://x/docs').pathname);
      expect(status, part).toBe(200);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect((await coordinator.call('/openapi.json')).status).toBe(200);
  });

  it('serves nothing else of the package', async () => {
    for (const path of ['/docs/package.json', '/docs/..%2fpackage.json', '/docs/index.html']) {
      expect((await coordinator.call(path)).status).toBe(401);
    }
  });
});

const operationSchema = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']) })).optional(),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ schema: z.looseObject({}) })) })
    .optional(),
  responses: z.record(z.string().regex(/^\d{3}$/), z.object({ description: z.string().min(1) })),
});
const contractSchema = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string().min(1) })),
  paths: z.record(z.string().startsWith('/'), z.record(z.string(), operationSchema)),
  components: z.object({
    schemas: z.record(z.string(), z.looseObject({})),
    securitySchemes: z.looseObject({}),
  }),
});
