/**
 * A process that runs the function. It ends once, by itself or when it is told to, and is then replaced. It is no thread, because a
 * thread in native code cannot be ended without its process, and ONNX Runtime cannot be loaded twice.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FUNCTION_EXITED, FUNCTION_OUT_OF_MEMORY } from '../../../contracts/worker/invoke.js';
import {
  readMessageFromFunction,
  type FunctionSource,
  type MessageFromFunction,
  type MessageToFunction,
} from './function-messages.js';
import { relayOutput } from './relay-output.js';
import { RunFailure } from './run-failure.js';

export interface LoadedFunctionProcess {
  readonly model: string;
  readonly listsAtOnce: number;
  /** Resolves when the process has ended, with the failure for its runs. Never rejects. */
  readonly ended: Promise<RunFailure>;
  send(message: MessageToFunction): void;
  onMessage(listener: (message: MessageFromFunction) => void): void;
  /** Includes buffers and native memory. `undefined` if the system does not tell. */
  readMemoryBytes(): number | undefined;
  /** Ends the process between two runs. */
  disconnect(): void;
  /** Ends the process at once. */
  kill(): void;
}

/** Rejects with the function's own error if it cannot be loaded. */
export async function loadFunctionProcess(
  source: FunctionSource,
  memoryMb: number,
  signal?: AbortSignal,
): Promise<LoadedFunctionProcess> {
  const child = fork(new URL('./function-entry.js', import.meta.url), {
    execArgv: [...process.execArgv.filter(isNoDebugger), `--max-old-space-size=${memoryMb}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  signal?.addEventListener('abort', kill, { once: true });
  const ended = untilEnded(child, memoryMb).finally(() => process.off('exit', kill));
  const send = (message: MessageToFunction) => {
    if (child.connected) child.send(message, () => undefined); // `ended` reports that it is gone
  };
  send({ type: 'load', ...source });
  const { model, listsAtOnce } = await untilLoaded(child, ended);
  return {
    model,
    listsAtOnce,
    ended,
    send,
    onMessage: (listener) => void listen(child, listener),
    readMemoryBytes: () => residentBytes(child.pid),
    disconnect: () => {
      if (child.connected) child.disconnect();
    },
    kill,
  };
}

/** Two debuggers cannot share a port. */
const isNoDebugger = (flag: string): boolean => !flag.startsWith('--inspect');

function listen(child: ChildProcess, listener: (message: MessageFromFunction) => void): () => void {
  const take = (value: unknown) => {
    const message = readMessageFromFunction(value);
    if (message !== undefined) listener(message);
  };
  child.on('message', take);
  return () => void child.off('message', take);
}

const MAX_STDERR_LENGTH = 8192;
const STDERR_WITHIN_MS = 300;

function untilEnded(child: ChildProcess, memoryMb: number): Promise<RunFailure> {
  let stderrEnd = '';
  if (child.stdout !== null) relayOutput(child.stdout, (lines) => process.stdout.write(lines));
  if (child.stderr !== null) relayOutput(child.stderr, (lines) => process.stderr.write(lines));
  child.stderr?.on('data', (chunk: Buffer) => {
    stderrEnd = (stderrEnd + chunk.toString('utf8')).slice(-MAX_STDERR_LENGTH);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(new RunFailure(FUNCTION_EXITED, error.message)));
    const end = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve(describeExit(code, signal, stderrEnd, memoryMb));
    child.once('close', end);
    // A child of the function may hold its pipes forever.
    child.once('exit', (code, signal) => setTimeout(() => end(code, signal), STDERR_WITHIN_MS));
  });
}

function describeExit(
  code: number | null,
  signal: NodeJS.Signals | null,
  stderrEnd: string,
  memoryMb: number,
): RunFailure {
  if (/heap out of memory|heap limit/i.test(stderrEnd))
    return new RunFailure(FUNCTION_OUT_OF_MEMORY, `the function took more than ${memoryMb} MB of heap`);
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const thrown = /^(?:\w*Error|Uncaught)\b.*$/m.exec(stderrEnd)?.[0];
  const message = `the function's process ended: ${[how, thrown].filter(Boolean).join(', ')}`;
  return new RunFailure(FUNCTION_EXITED, message, stderrEnd === '' ? undefined : stderrEnd);
}

async function untilLoaded(
  child: ChildProcess,
  ended: Promise<RunFailure>,
): Promise<Extract<MessageFromFunction, { type: 'loaded' }>> {
  let unlisten: () => void = () => undefined;
  const first = new Promise<MessageFromFunction>((resolve) => (unlisten = listen(child, resolve)));
  const message = await Promise.race([first, ended]);
  unlisten();
  if (message instanceof RunFailure) throw message;
  if (message.type === 'loaded') return message;
  child.kill('SIGKILL');
  await ended;
  throw new Error(
    message.type === 'load-failed' ? message.message : `the function began with ${message.type}`,
  );
}

function residentBytes(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // it has ended, or this system has no /proc: the heap's limit holds
  }
}
