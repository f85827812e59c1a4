/** `npm run test:stack` as a process. */
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { readSuiteConfig } from '../../conformance/config.js';
import { projectRoot } from '../../infra/process/project-root.js';
import { clientsOf, startBareStack } from '../support/embedded.js';
import { tempFolder } from '../support/temp-folder.js';

const reportSchema = z.object({
  stack: z.string(),
  checks: z.array(z.object({ name: z.string(), verdict: z.string() })),
});

function start(...flags: string[]) {
  return spawn(process.execPath, [join(projectRoot, 'dist', 'conformance', 'main.js'), ...flags], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, as a shell gives it: Ctrl-C reaches all of it
  });
}

async function run(...flags: string[]) {
  const child = start(...flags);
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { output, errors, code };
}

describe('test:stack', () => {
  it('tells what holds of a stack and what differs, and exits 0', async () => {
    const stack = await startBareStack();
    onTestFinished(() => stack.close());
    const json = join(await tempFolder(), 'result.json');
    const flags = ['--endpoint', stack.url, '--only', 'ensure-resources', '--no-costs', '--name', 'Mine'];
    const { output, code } = await run(...flags, '--json', json);
    expect(output).toContain('ok       ensureResources > can be done by several at once');
    expect(output).toContain('| Mine | 6 | 1 | 0 |');
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(report.stack).toBe('Mine');
    expect(report.checks.filter(({ verdict }) => verdict !== 'passed')).toEqual([
      { name: 'ensureResources > has expired items dropped', verdict: 'differs' },
    ]);
  });

  it('leaves nothing behind where it is broken off', async () => {
    const stack = await startBareStack();
    onTestFinished(() => stack.close());
    const child = start('--endpoint', stack.url, '--no-costs');
    const exited = once(child, 'exit');
    await once(createInterface(child.stdout), 'line'); // the first check is done, others are under way
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await exited).toEqual([130, null]);
    const clients = clientsOf(stack.url);
    onTestFinished(() => clients.close());
    const { sqs, dynamodb } = clients;
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
    expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });

  it('exits 1 where nothing answers, and says so', async () => {
    const { errors, code } = await run('--endpoint', 'http://127.0.0.1:2');
    expect(errors).toMatch(/nothing answers at http:\/\/127\.0\.0\.1:2: .*ECONNREFUSED/);
    expect(code).toBe(1);
  });

  it('exits 1 where what answers is no stack, and says what failed', async () => {
    const other = createServer((_request, response) => response.writeHead(404).end('no'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { output, code } = await run('--endpoint', endpoint, '--only', 'batch-lists', '--no-costs');
    expect(output).toMatch(/FAILED .*set-up/);
    expect(output).toMatch(/\| 0 \| 0 \| [1-9]\d* \|/);
    expect(code).toBe(1);
  });

  it('refuses real AWS that nobody opted in to', async () => {
    const { errors, code } = await run('--endpoint', 'https://sqs.eu-west-1.amazonaws.com');
    expect(errors).toContain('BOOMERANG_AWS=live');
    expect(code).toBe(1);
  });
});

describe('what it is asked for', () => {
  it('comes from flags, else from the environment', () => {
    const environment = { AWS_ENDPOINT_URL: 'http://a:1', AWS_ENDPOINT_URL_DYNAMODB: 'http://b:2' };
    expect(readSuiteConfig([], environment)).toMatchObject({
      endpointSqs: 'http://a:1',
      endpointDynamodb: 'http://b:2',
      name: 'http://a:1 and http://b:2',
      live: false,
      costs: true,
    });
    const flags = ['--sqs', 'http://c:3', '--dynamodb', 'http://d:4', '--name', 'N', '--no-costs'];
    expect(readSuiteConfig(flags, environment)).toMatchObject({
      endpointSqs: 'http://c:3',
      endpointDynamodb: 'http://d:4',
      name: 'N',
      costs: false,
    });
  });

  it('must name a place', () => {
    expect(() => readSuiteConfig([], {})).toThrow('--endpoint');
    expect(() => readSuiteConfig(['--endpoint', 'nowhere'], {})).toThrow('nowhere');
    expect(readSuiteConfig([], { BOOMERANG_AWS: 'live' })).toMatchObject({ live: true, name: 'AWS' });
  });
});
