/** Keeps the thread in which the function runs: starts it, gives it inputs, stops it between two runs. */
import { Worker } from 'node:worker_threads';
import type { FunctionRun } from './function-module.js';
import { PendingRuns } from './pending-runs.js';
import type { MessageFromThread, MessageToThread, ThreadData } from './thread-messages.js';

export interface ModelHost {
  /** The model's name, for people. */
  readonly model: string;
  /** How many runs the function wants to have at the same time. */
  readonly listsAtOnce: number;
  run(inputs: readonly string[]): Promise<FunctionRun>;
  /** Waits for the run in progress: a thread that is ended during one takes the process with it. */
  stop(): Promise<void>;
}

/**
 * Resolves when the function is loaded; rejects with the function's own reason where it cannot be. `onLost` is called
 * when the thread dies later without having been asked to.
 */
export async function startModelHost(data: ThreadData, onLost: (error: Error) => void): Promise<ModelHost> {
  const thread = new Worker(new URL('./model-thread.js', import.meta.url), { workerData: data });
  const ended = untilEnded(thread);
  const { model, listsAtOnce } = await untilLoaded(thread, ended);
  const runs = new PendingRuns();
  let stopping = false;

  thread.on('message', (message: MessageFromThread) => settle(runs, message));
  void ended.then((reason) => {
    runs.rejectAll(reason);
    if (!stopping) onLost(reason);
  });
  const tell = (message: MessageToThread): void => thread.postMessage(message);

  return {
    model,
    listsAtOnce,
    run: (inputs) => runs.start((id) => tell({ type: 'run', id, inputs })),
    async stop() {
      stopping = true;
      await runs.untilNone();
      tell({ type: 'stop' });
      await ended;
    },
  };
}

function untilEnded(thread: Worker): Promise<Error> {
  return new Promise((resolve) => {
    let reason: unknown;
    thread.on('error', (error) => (reason = error));
    thread.on('exit', (code) => {
      const why = reason instanceof Error ? reason.message : `exit code ${code}`;
      resolve(new Error(`the model's thread ended: ${why}`, { cause: reason }));
    });
  });
}

async function untilLoaded(
  thread: Worker,
  ended: Promise<Error>,
): Promise<Pick<ModelHost, 'model' | 'listsAtOnce'>> {
  const first = new Promise<MessageFromThread>((resolve) => thread.once('message', resolve));
  const message = await Promise.race([first, ended]);
  if (message instanceof Error) throw message;
  if (message.type === 'loaded') return message;
  await ended;
  throw new Error(
    message.type === 'load-failed' ? message.message : `the model's thread began with ${message.type}`,
  );
}

function settle(runs: PendingRuns, message: MessageFromThread): void {
  if (message.type === 'ran') runs.resolve(message.id, message.run);
  if (message.type === 'run-failed') runs.reject(message.id, new Error(message.message));
}
