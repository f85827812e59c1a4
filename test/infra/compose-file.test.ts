/** Tests what the Compose file promises, read from it alone: an engine is not everywhere. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.object({ target: z.string() }).optional(),
      ports: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
      labels: z.record(z.string(), z.string()).default({}),
      volumes: z.array(z.string()).default([]),
      init: z.boolean().default(false),
      read_only: z.boolean().default(false),
      cap_drop: z.array(z.string()).default([]),
      security_opt: z.array(z.string()).default([]),
    }),
  ),
});
const text = await readFile(join(projectRoot, 'infra', 'docker-compose.yml'), 'utf8');
const { services } = composeSchema.parse(parse(text, { merge: true }));
const built = Object.entries(services).filter(([, { build }]) => build !== undefined);

describe('the Compose file', () => {
  it('names no image that it builds: two builds at once, or two projects, must not write one tag', () => {
    expect(built.length).toBeGreaterThanOrEqual(6);
    expect(built.filter(([, { image }]) => image !== undefined)).toEqual([]);
  });

  it('builds on the base image that the Dockerfile names, unless the environment names another', async () => {
    const [dockerfile, compose] = await Promise.all(
      ['Dockerfile', 'docker-compose.yml'].map((name) => readFile(join(projectRoot, 'infra', name), 'utf8')),
    );
    const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile ?? '')?.[1];
    expect(base).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(compose).toContain(`NODE_IMAGE: \${NODE_IMAGE:-${base}}`);
  });

  it('names every image that it does not build by version and digest, as the Dockerfile does', async () => {
    const images = Object.values(services).flatMap(({ image }) => image ?? []);
    expect(images).toHaveLength(3);
    const dockerfile = await readFile(join(projectRoot, 'infra', 'Dockerfile'), 'utf8');
    const [, nodeImage = ''] = /^ARG NODE_IMAGE=(.*)$/m.exec(dockerfile) ?? [];
    for (const image of [...images, nodeImage]) {
      expect(image.replace(/^\$\{\w+:-(.*)\}$/, '$1')).toMatch(
        /^[\w/]+:v?\d+\.\d+\.\d+[\w-]*@sha256:[0-9a-f]{64}$/,
      );
    }
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
    const stages = [...dockerfile.matchAll(/ AS (\S+)$/gm)].map(([, stage]) => stage);
    expect(bases.filter((base) => base !== '${NODE_IMAGE}' && !stages.includes(base))).toEqual([]);
  });

  it('lets everybody look at Grafana, and nobody log in: there is no password to know', () => {
    expect(services['grafana']?.environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_AUTH_DISABLE_LOGIN_FORM: 'true',
      GF_AUTH_BASIC_ENABLED: 'false',
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    });
    expect(text).not.toMatch(/GF_SECURITY_ADMIN_PASSWORD/);
  });

  it('publishes on this machine alone, and no worker at all', () => {
    const published = Object.values(services).flatMap(({ ports }) => ports);
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    for (const name of ['worker-1', 'worker-2', 'worker-3']) expect(services[name]?.ports).toEqual([]);
  });

  it.each(built)('takes from %s every right that it does not need', (_name, service) => {
    expect(service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('runs the last LocalStack that needs no token, with nothing but SQS and DynamoDB', () => {
    expect(services['localstack']?.image).toMatch(
      /^\$\{LOCALSTACK_IMAGE:-localstack\/localstack:4\.14\.0@sha256:/,
    );
    expect(services['localstack']?.environment['SERVICES']).toBe('sqs,dynamodb');
  });

  it('is a project with a name of its own, not that of its folder', async () => {
    const settings = await readFile(join(projectRoot, 'infra', '.env'), 'utf8');
    expect(settings).toMatch(/^COMPOSE_PROJECT_NAME=boomerang$/m);
  });

  it('ships no secret: coordinator and workers share one that the first of them makes', async () => {
    const secrets = Object.entries(services).flatMap(([name, { environment }]) =>
      Object.entries(environment)
        .filter(([setting]) => /(KEY|TOKEN|PASSWORD|SECRET)$/.test(setting))
        .map(([setting, value]) => [name, setting, value] as const),
    );
    expect(secrets.length).toBeGreaterThan(4);
    for (const [name, setting, value] of secrets) expect([name, value]).toEqual([name, `\${${setting}:-}`]);
    for (const name of ['coordinator', 'worker-1', 'worker-2', 'worker-3']) {
      expect(services[name]?.environment['WORKER_TOKEN_FILE']).toBe('/var/lib/boomerang-token/worker-token');
      expect(services[name]?.volumes).toEqual(['worker-token:/var/lib/boomerang-token']);
    }
    expect(await readFile(join(projectRoot, 'infra', '.env'), 'utf8')).not.toMatch(
      /KEY|TOKEN|PASSWORD|SECRET/,
    );
  });

  it('says under which names its parts reach each other', () => {
    const { ALLOWED_HOSTS, WORKER_ADDRESSES } = services['coordinator']?.environment ?? {};
    expect(ALLOWED_HOSTS).toBe('coordinator,${ALLOWED_HOSTS:-}');
    expect(WORKER_ADDRESSES).toBe('${WORKER_ADDRESSES:-worker-1,worker-2,worker-3}');
    expect(services['localstack']?.environment['ALLOWED_HOSTS']).toBe('localstack');
  });

  it('labels what chaos may break, each under its id', () => {
    const targets = Object.values(services).flatMap(({ labels }) => labels['boomerang.target'] ?? []);
    expect(targets.toSorted()).toEqual(['coordinator', 'stack', 'worker-1', 'worker-2', 'worker-3']);
    for (const name of ['worker-1', 'worker-2', 'worker-3']) {
      expect(services[name]?.environment['WORKER_ID']).toBe(name);
    }
  });
});
