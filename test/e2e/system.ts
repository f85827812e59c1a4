/** The real thing, started as a user does: the supervisor with stack, coordinator and functions, on free ports. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';
import { eventually } from '../support/eventually.js';

/** For a machine that has other things to do. */
export const PATIENCE = { timeoutMs: 90_000 };

const FREE_PORTS = ['--port', '0', '--stack-port', '0', '--function-port-base', '0', '--log-level', 'info'];
/** Settings of whoever runs the tests are none of the system's that is tested. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH'];

const readySchema = z.object({
  type: z.literal('ready'),
  url: z.string(),
  stackUrl: z.string(),
  workers: z.array(z.object({ id: z.string(), url: z.string(), pid: z.number() })),
});
const logLineSchema = z.looseObject({
  level: z.string(),
  time: z.iso.datetime(),
  process: z.string(),
  pid: z.int().optional(),
  msg: z.string(),
});

export type Ready = z.infer<typeof readySchema>;
export type LogLine = z.infer<typeof logLineSchema>;

export interface System extends Ready {
  /** Lines of that event, in the order in which they were printed. */
  logLines(event: string): readonly LogLine[];
  /** The id of the process that is, or was last, this worker. */
  pidOf(workerId: string): number;
  /** The ids of every process that there ever was. */
  pids(): readonly number[];
  /** Resolves with the exit code, or the signal that ended it. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | NodeJS.Signals>;
  /** Leaves nothing behind, whatever happened before. */
  end(): Promise<void>;
}

export interface SystemOptions {
  readonly data: string;
  readonly flags: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startSystem({ data, flags, environment = {} }: SystemOptions): Promise<System> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const main = join(projectRoot, 'dist', 'supervisor', 'main.js');
  const child = spawn(process.execPath, [main, ...FREE_PORTS, '--data', data, ...flags], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const printed = collect(child);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  const ready = await readiness(child, ended, printed.errors);
  const logLines = (event: string) => printed.lines.filter(({ msg }) => msg === event);
  const pids = () => [
    ...new Set([
      child.pid ?? 0,
      ...printed.lines.flatMap(({ pid }) => pid ?? []),
      ...ready.workers.map(({ pid }) => pid),
    ]),
  ];
  return {
    ...ready,
    logLines,
    pids,
    pidOf: (workerId) => {
      const latest = logLines('function.ready').findLast((line) => line.process === workerId)?.pid;
      const pid = latest ?? ready.workers.find(({ id }) => id === workerId)?.pid;
      if (pid === undefined) throw new Error(`there is no ${workerId}`);
      return pid;
    },
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
      await eventually(() => !pids().some(isAlive), PATIENCE);
    },
  };
}

async function readiness(
  child: ChildProcess,
  ended: Promise<number | NodeJS.Signals>,
  errors: () => string,
): Promise<Ready> {
  const ready = new Promise<Ready>((resolve) => {
    child.on('message', (message: unknown) => {
      const { data } = readySchema.safeParse(message);
      if (data !== undefined) resolve(data);
    });
  });
  const failed = ended.then((end) => {
    throw new Error(`ended with ${end} before it was ready: ${errors()}`);
  });
  return Promise.race([ready, failed]);
}

/** Log lines as they come; what is no log line is the banner. */
function collect({ stdout, stderr }: ChildProcess) {
  const lines: LogLine[] = [];
  let rest = '';
  let errors = '';
  stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const complete = (rest + chunk).split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete)
      if (line.startsWith('{"level"')) lines.push(logLineSchema.parse(JSON.parse(line)));
  });
  stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  return { lines, errors: () => errors };
}

/** Whether there is a process of that id, or any process in the group that it leads. */
export function isAlive(pid: number): boolean {
  return [pid, -pid].some((target) => {
    try {
      process.kill(target, 0);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether somebody could listen where this address points to. */
export async function isFree(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(Number(port), hostname, () => server.close(() => resolve(true)));
  });
}
