/** A copy of the whole system for a tool's own use, started as a user does: free ports, its own data, stopped after. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Environment } from '../../../contracts/settings/settings.js';
import { messageOf } from '../../../contracts/common/text.js';
import { projectRoot } from '../../../infra/process/project-root.js';

export interface CopyOptions {
  readonly environment: Environment;
  /** Beside those for ports and data, such as `--faults none`. */
  readonly flags: readonly string[];
  /** Is there already, and stays; a new one, deleted in the end, where absent. */
  readonly dataFolder?: string;
}

export interface StartedCopy {
  readonly url: string;
  readonly stackUrl: string;
  readonly workers: readonly { readonly id: string; readonly url: string }[];
  /** The supervisor's: all processes of the copy descend from it. */
  readonly pid: number;
  readonly dataFolder: string;
  /** Its latest lines, for whoever wants to know what went wrong. */
  recentOutput(): string;
  /** Its supervisor; the other processes notice, and end within seconds. */
  kill(): void;
  /** Deletes its data, too, where the folder is its own. */
  stop(): Promise<void>;
}

const supervisorMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    url: z.string(),
    stackUrl: z.string().default(''),
    workers: z.array(z.object({ id: z.string(), url: z.string() })),
  }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 20_000;
const KEPT_OUTPUT_LENGTH = 4000;

/** Resolves when it is ready to accept. */
export async function startCopy(options: CopyOptions, signal: AbortSignal): Promise<StartedCopy> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'boomerang-copy-')));
  const supervisor = spawnSupervisor(dataFolder, options);
  const recentOutput = keepRecentOutput(supervisor);
  const stop = async (): Promise<void> => {
    await end(supervisor);
    if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(READY_DEADLINE_MS)]);
    const ready = await untilReady(supervisor, inTime);
    return {
      ...ready,
      pid: supervisor.pid ?? NaN,
      dataFolder,
      recentOutput,
      kill: () => void supervisor.kill('SIGKILL'),
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`the system did not start: ${messageOf(error)}\n${recentOutput()}`, { cause: error });
  }
}

function spawnSupervisor(dataFolder: string, { environment, flags }: CopyOptions): ChildProcess {
  const program = join(projectRoot, 'dist/supervisor/main.js');
  const ports = ['--port', '0', '--stack-port', '0', '--function-port-base', '0'];
  const common = [...ports, '--data', dataFolder, '--log-level', 'warn'];
  return spawn(process.execPath, [program, ...common, ...flags], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: Ctrl-C is the tool's to handle. It ends by itself when the tool is gone.
    detached: true,
  });
}

async function untilReady(supervisor: ChildProcess, signal: AbortSignal) {
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
    return message;
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
