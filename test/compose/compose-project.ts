/** Docker Compose as a user calls it, with a project and ports of its own. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../infra/process/project-root.js';

const run = promisify(execFile);
const FILE = join(projectRoot, 'infra', 'docker-compose.yml');
const BUILD_WITHIN_MS = 840_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

export type ComposeWords = readonly [command: string, ...words: string[]];

/** `docker compose`, or the older `docker-compose`; nothing where there is none, or no engine answers. */
export async function findCompose(): Promise<ComposeWords | undefined> {
  const candidates: readonly ComposeWords[] = [['docker', 'compose'], ['docker-compose']];
  for (const [command, ...words] of candidates) {
    try {
      await run('docker', ['info'], { timeout: 10_000 });
      await run(command, [...words, 'version'], { timeout: 10_000 });
      return [command, ...words];
    } catch {
      // the next one
    }
  }
  return undefined;
}

export interface ComposeProject {
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Calls Compose on it, and resolves with what it printed. */
  compose(...words: string[]): Promise<string>;
}

/** Resolves when it is up, and its coordinator not yet ready. */
export async function startProject(
  [command, ...words]: ComposeWords,
  settings: Readonly<Record<string, string>>,
): Promise<ComposeProject> {
  const [port, stackPort] = await freePorts(2);
  const environment = {
    ...process.env,
    ...settings,
    PORT: String(port),
    STACK_PORT: String(stackPort),
    COMPOSE_PROJECT_NAME: `boomerang-test-${process.pid}`,
  };
  const compose = async (...more: string[]): Promise<string> => {
    const options = { env: environment, timeout: BUILD_WITHIN_MS, maxBuffer: MAX_OUTPUT };
    return (await run(command, [...words, '--file', FILE, ...more], options)).stdout;
  };
  await compose('up', '--detach', '--build');
  return { url: `http://127.0.0.1:${port}`, environment, compose };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
