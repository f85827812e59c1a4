/** The whole system as a user starts it: the supervisor, with faults off, free ports and a data folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Environment } from '../contracts/settings.js';
import { messageOf } from '../contracts/text.js';
import { projectRoot } from '../infra/process/project-root.js';

export interface System {
  readonly url: string;
  /** The supervisor's: all processes of the system descend from it. */
  readonly pid: number;
  /** Its latest lines, for whoever wants to know what went wrong. */
  recentOutput(): string;
  stop(): Promise<void>;
}

const supervisorMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), url: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 20_000;
const KEPT_OUTPUT_LENGTH = 4000;

/** Resolves when it is ready to accept. */
export async function startSystem(environment: Environment, signal: AbortSignal): Promise<System> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'boomerang-bench-'));
  const supervisor = spawnSupervisor(dataFolder, environment);
  const recentOutput = keepRecentOutput(supervisor);
  const stop = async (): Promise<void> => {
    await end(supervisor);
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const url = await untilReady(
      supervisor,
      AbortSignal.any([signal, AbortSignal.timeout(READY_DEADLINE_MS)]),
    );
    return { url, pid: supervisor.pid ?? NaN, recentOutput, stop };
  } catch (error) {
    await stop();
    throw new Error(`the system did not start: ${messageOf(error)}\n${recentOutput()}`, { cause: error });
  }
}

function spawnSupervisor(dataFolder: string, environment: Environment): ChildProcess {
  const program = join(projectRoot, 'dist/tools/up/main.js');
  const ports = ['--port', '0', '--stack-port', '0', '--function-port-base', '0'];
  const flags = ['--faults', 'none', ...ports, '--data', dataFolder, '--log-level', 'warn'];
  return spawn(process.execPath, [program, ...flags], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: Ctrl-C is the bench's to handle. It ends by itself when the bench is gone.
    detached: true,
  });
}

async function untilReady(supervisor: ChildProcess, signal: AbortSignal): Promise<string> {
  const settled = new AbortController();
  const options = { signal: AbortSignal.any([signal, settled.signal]) };
  try {
    const event: readonly unknown[] = await Promise.race([
      once(supervisor, 'message', options),
      once(supervisor, 'exit', options).then(([code]) => {
        throw new Error(`the supervisor ended with ${String(code)}`);
      }),
    ]);
    const message = supervisorMessageSchema.parse(event[0]);
    if (message.type === 'failed') throw new Error(message.message);
    return message.url;
  } finally {
    settled.abort();
  }
}

function keepRecentOutput(supervisor: ChildProcess): () => string {
  let recent = '';
  const keep = (chunk: Buffer): void => {
    recent = (recent + chunk.toString('utf8')).slice(-KEPT_OUTPUT_LENGTH);
  };
  supervisor.stdout?.on('data', keep);
  supervisor.stderr?.on('data', keep);
  return () => recent;
}

async function end(supervisor: ChildProcess): Promise<void> {
  if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
  const exited = once(supervisor, 'exit');
  supervisor.kill('SIGTERM');
  const deadline = new AbortController();
  const late = delay(STOP_DEADLINE_MS, undefined, { signal: deadline.signal }).then(
    () => supervisor.kill('SIGKILL'),
    () => undefined, // it ended in time
  );
  await exited;
  deadline.abort();
  await late;
}
