/** Tests what docs/containers.md says, on a real engine. Takes minutes; skipped where no engine answers. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';
import { eventually } from '../support/eventually.js';
import { findCompose, startProject, type ComposeProject } from './compose-project.js';

const run = promisify(execFile);
const compose = await findCompose();
if (compose === undefined)
  process.stdout.write('skipped: no container engine with Docker Compose answers (DOCKER_HOST says where)\n');

const SETTINGS = { VISIBILITY_TIMEOUT_SECONDS: '3', INVOKE_TIMEOUT_MS: '2000', FAULTS: 'none' };
const PATIENCE = { timeoutMs: 120_000 };

const workersSchema = z.object({
  workers: z.array(z.object({ id: z.string(), state: z.string(), served: z.number() })),
});
const answerSchema = z.object({ status: z.string(), label: z.string(), score: z.number() });
const statusSchema = z.object({
  processes: z.array(z.object({ name: z.string(), state: z.string(), pid: z.number().optional() })),
  injected: z.array(z.object({ target: z.string(), what: z.string() })),
});

describe.skipIf(compose === undefined)('Boomerang in containers', () => {
  let project: ComposeProject;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'boomerang-compose-'));
    project = await startProject(compose ?? ['docker'], SETTINGS);
  });

  afterAll(async () => {
    await project.compose('down', '--volumes', '--rmi', 'local', '--timeout', '5');
    await rm(folder, { recursive: true, force: true });
  });

  /** `npm run chaos`, with its exit code. */
  async function chaos(...words: readonly string[]): Promise<{ code: number; out: string }> {
    const program = join(projectRoot, 'dist', 'tools', 'chaos', 'main.js');
    try {
      const { stdout } = await run(process.execPath, [program, ...words, '--containers', '--json'], {
        env: project.environment,
        cwd: folder,
      });
      return { code: 0, out: stdout };
    } catch (error) {
      const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(error);
      return { code: failed.code, out: failed.stdout + failed.stderr };
    }
  }

  const status = async () => statusSchema.parse(JSON.parse((await chaos('status')).out));
  const workers = async () =>
    workersSchema.parse(await (await fetch(`${project.url}/workers`)).json()).workers;
  const statesOfWorkers = async () => (await workers()).map(({ id, state }) => `${id} ${state}`).toSorted();
  const ALL_UP = ['worker-1 up', 'worker-2 up', 'worker-3 up'];
  const allUp = () => eventually(async () => expect(await statesOfWorkers()).toEqual(ALL_UP), PATIENCE);
  /** A port that is published before anybody listens behind it may keep a connection for minutes. */
  const isReady = async () =>
    (await fetch(`${project.url}/readyz`, { signal: AbortSignal.timeout(5000) })).ok;
  const infer = (text: string) =>
    fetch(`${project.url}/infer`, {
      signal: AbortSignal.timeout(40_000),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });

  it('answers as on the embedded stack, with three workers', async () => {
    await eventually(isReady, PATIENCE);
    await allUp();
    const answer = answerSchema.parse(await (await infer('I love this product!')).json());
    expect(answer).toMatchObject({ status: 'succeeded', label: 'POSITIVE' });
    expect(answer.score).toBeCloseTo(0.9996347117785624, 5);
  });

  it('publishes on this machine alone, runs as nobody special, and writes nowhere', async () => {
    for (const service of ['coordinator', 'worker-1']) {
      const id = (await project.compose('ps', '--quiet', service)).trim();
      const { stdout } = await run('docker', ['inspect', id], { env: project.environment });
      const [container] = z
        .array(
          z.object({
            HostConfig: z.object({
              ReadonlyRootfs: z.boolean(),
              PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() }))).nullable(),
            }),
            Config: z.object({ User: z.string() }),
          }),
        )
        .parse(JSON.parse(stdout));
      expect(container?.HostConfig.ReadonlyRootfs).toBe(true);
      expect(container?.Config.User).toBe('node');
      const hosts = Object.values(container?.HostConfig.PortBindings ?? {}).flat();
      expect(hosts.map(({ HostIp }) => HostIp)).toEqual(service === 'coordinator' ? ['127.0.0.1'] : []);
    }
  });

  it('restarts a worker whose process dies, under the id that it had', async () => {
    const before = (await status()).processes.find(({ name }) => name === 'worker-2')?.pid;
    expect((await chaos('fault', 'worker-2', 'crash=1', '--count', '1')).code).toBe(0);
    const died = async () => {
      await infer('It broke on the first day.');
      return (await status()).processes.find(({ name }) => name === 'worker-2')?.pid !== before;
    };
    await eventually(died, PATIENCE);
    await allUp();
  });

  it('is killed, paused, cut off and healed by the verbs of chaos', async () => {
    const stateOf = async (target: string) =>
      (await status()).processes.find(({ name }) => name === target)?.state;
    expect((await chaos('kill', 'worker-3')).code).toBe(0);
    expect(await stateOf('worker-3')).toBe('running');
    expect((await chaos('pause', 'worker-1')).code).toBe(0);
    expect(await stateOf('worker-1')).toBe('paused');
    expect((await chaos('stop', 'worker-2')).code).toBe(0);
    expect(await stateOf('worker-2')).toBe('stopped');
    expect((await chaos('cut', 'stack')).code).toBe(0);
    expect((await status()).injected).toEqual([{ target: 'stack', what: 'cut' }]);
    const { code, out } = await chaos('heal');
    expect({ code, out: z.object({ healed: z.array(z.string()) }).parse(JSON.parse(out)).healed }).toEqual({
      code: 0,
      out: ['worker-1: resumed', 'worker-2: started', 'stack: connected again'],
    });
    await eventually(isReady, PATIENCE);
    await allUp();
    expect((await infer('What a wonderful day')).status).toBe(200);
  });

  it('answers every accepted task, once and rightly, while a worker and the stack are stopped', async () => {
    const experiment = join(projectRoot, 'test', 'compose', 'worker-and-stack-stopped.yaml');
    const { code, out } = await chaos('run', experiment, '--out', folder);
    const reports = await readReports(out);
    expect(code, reports).toBe(0);
  });

  async function readReports(out: string): Promise<string> {
    const found = /"report":"([^"]+)"/.exec(out)?.[1];
    return found === undefined ? out : readFile(found, 'utf8');
  }
});
