/** Real processes for tests: what they print, say and end with, and nothing left of them afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from '../eventually.js';

export const PATIENCE = { timeoutMs: 20_000 };

export interface TestProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly messages: readonly Record<string, unknown>[];
  stdout(): string;
  stderr(): string;
  /** The first message of that type, waited for. */
  message(type: string): Promise<Record<string, unknown>>;
  /** Exit code, or the signal that ended it, waited for. */
  end(): Promise<number | NodeJS.Signals>;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly programArguments?: readonly string[];
  /** Whether it has an IPC channel. */
  readonly supervised?: boolean;
}

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

export function startFixture(name: string, options: StartOptions = {}): TestProcess {
  return startProgram(fixtures + name, options);
}

export function startProgram(path: string, options: StartOptions = {}): TestProcess {
  const { environment = {}, programArguments = [], supervised = false } = options;
  const child = spawn(process.execPath, [path, ...programArguments], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', supervised ? 'ipc' : 'ignore'],
    detached: true,
  });
  onTestFinished(() => {
    if (child.exitCode === null) child.kill('SIGKILL'); // what a failed test left running
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const messages: Record<string, unknown>[] = [];
  child.on('message', (message) => messages.push(message as unknown as Record<string, unknown>));
  let end: number | NodeJS.Signals | undefined;
  const note = (code: number | null, signal: NodeJS.Signals | null): void => {
    end = code ?? signal ?? 'SIGKILL';
  };
  child.on('close', note);
  // its last lines come before 'close', which does not come at all after a disconnect from this side
  child.on('exit', (code, signal) => setTimeout(() => note(code, signal), 300));
  return {
    child,
    pid: child.pid ?? 0,
    messages,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    message: (type) =>
      eventually(() => {
        const found = messages.find((message) => message['type'] === type);
        if (found === undefined && end !== undefined) throw new Error(`ended with ${end}: ${printed.stderr}`);
        return found ?? false;
      }, PATIENCE),
    end: () => eventually(() => end ?? false, PATIENCE),
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
