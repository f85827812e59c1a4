/** The modules that the global set-up of the tests has transpiled: threads and processes run that, never TypeScript. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../../infra/process/project-root.js';
import { TOKEN } from './fake-worker.js';

export const builtFile = (...path: string[]): string => join(projectRoot, 'dist', ...path);

export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Exit code and signal. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
  /** Its first message over IPC. */
  readonly firstMessage: Promise<unknown>;
}

export function startSentimentProcess(environment: Readonly<Record<string, string>> = {}): WorkerProcess {
  const child = fork(builtFile('functions', 'sentiment', 'main.js'), [], {
    env: {
      ...process.env,
      WORKER_TOKEN: TOKEN,
      PORT: '0',
      COORDINATOR_URL: 'http://127.0.0.1:1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  return {
    child,
    output: () => output,
    exited: once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
    firstMessage: once(child, 'message').then(([message]): unknown => message),
  };
}

export async function readyUrl({ firstMessage }: WorkerProcess): Promise<string> {
  const message = (await firstMessage) as { readonly type: string; readonly url?: string };
  if (message.url === undefined) throw new Error(`not ready but ${JSON.stringify(message)}`);
  return message.url;
}
