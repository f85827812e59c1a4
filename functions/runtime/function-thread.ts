/**
 * One thread with the function in it: loaded, given runs, pinged, ended. It ends once, by itself or because it is told to;
 * another one takes its place.
 */
import { Worker } from 'node:worker_threads';
import { FUNCTION_EXITED, FUNCTION_OUT_OF_MEMORY } from '../../contracts/invoke.js';
import { messageOf } from '../../contracts/text.js';
import { RunFailure } from './run-failure.js';
import {
  messageFromThreadSchema,
  type FunctionSource,
  type MessageFromThread,
  type MessageToThread,
  type ThreadData,
} from './thread-messages.js';

export interface LoadedThread {
  readonly model: string;
  readonly listsAtOnce: number;
  /** Resolves when the thread has ended, with the reason as its runs are told it. Never rejects. */
  readonly ended: Promise<RunFailure>;
  /** The run whose code keeps the thread from its event loop, where that is known. */
  startingRunId(): number | undefined;
  tell(message: MessageToThread): void;
  onMessage(listener: (message: MessageFromThread) => void): void;
  /** A thread that is ended while it runs native code takes the process with it. */
  terminate(): Promise<unknown>;
}

/** Rejects with the function's own reason where it cannot be loaded. */
export async function loadThread(source: FunctionSource, memoryMb: number): Promise<LoadedThread> {
  const startingRun = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const startingRunId = new Int32Array(startingRun);
  const thread = new Worker(new URL('./model-thread.js', import.meta.url), {
    workerData: { ...source, startingRun } satisfies ThreadData,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  const ended = untilEnded(thread, memoryMb);
  const { model, listsAtOnce } = await untilLoaded(thread, ended);
  return {
    model,
    listsAtOnce,
    ended,
    startingRunId: () => Atomics.load(startingRunId, 0) || undefined,
    tell: (message) => thread.postMessage(message),
    onMessage: (listener) => {
      thread.on('message', (value: unknown) => {
        const message = messageFromThreadSchema.safeParse(value);
        if (message.success) listener(message.data);
      });
    },
    terminate: () => thread.terminate(),
  };
}

function untilEnded(thread: Worker, memoryMb: number): Promise<RunFailure> {
  return new Promise((resolve) => {
    let thrown: { readonly error: unknown } | undefined;
    thread.on('error', (error: unknown) => (thrown = { error }));
    thread.on('exit', (code) => {
      if (thrown === undefined)
        resolve(new RunFailure(FUNCTION_EXITED, `the function's thread ended: exit code ${code}`));
      else resolve(endedBy(thrown.error, memoryMb));
    });
  });
}

function endedBy(error: unknown, memoryMb: number): RunFailure {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new RunFailure(FUNCTION_OUT_OF_MEMORY, `the function took more than ${memoryMb} MB of heap`);
  const stack = error instanceof Error ? error.stack : undefined;
  return new RunFailure(FUNCTION_EXITED, `the function's thread ended: ${messageOf(error)}`, stack);
}

async function untilLoaded(
  thread: Worker,
  ended: Promise<RunFailure>,
): Promise<Extract<MessageFromThread, { type: 'loaded' }>> {
  const first = new Promise<MessageFromThread>((resolve) => {
    thread.on('message', function listen(value: unknown) {
      const message = messageFromThreadSchema.safeParse(value);
      if (!message.success) return;
      thread.off('message', listen);
      resolve(message.data);
    });
  });
  const message = await Promise.race([first, ended]);
  if (message instanceof RunFailure) throw message;
  if (message.type === 'loaded') return message;
  await ended;
  throw new Error(
    message.type === 'load-failed' ? message.message : `the function's thread began with ${message.type}`,
  );
}
