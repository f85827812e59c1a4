/**
 * Entry of the thread in which a function runs. A model's run blocks its event loop; here it blocks nobody's
 * heartbeat, health check or signal handler.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionModule, LoadedFunction } from './function-module.js';
import { injectThreadFault } from './thread-faults.js';
import type { MessageFromThread, MessageToThread, ThreadData } from './thread-messages.js';

if (parentPort === null) throw new Error('model-thread is an entry for worker threads');
const port = parentPort;
const { functionUrl, options, startingRun } = workerData as ThreadData;
const startingRunId = new Int32Array(startingRun);

await serve();

async function serve(): Promise<void> {
  let loaded: LoadedFunction;
  try {
    loaded = await loadFunction();
  } catch (error) {
    tell({ type: 'load-failed', message: describeThrown(error).message });
    return;
  }
  port.on('message', (message: MessageToThread) => {
    if (message.type === 'run') void run(loaded, message);
    else if (message.type === 'ping') tell({ type: 'pong' });
    else port.close(); // nothing else keeps the thread alive
  });
  tell({ type: 'loaded', model: loaded.model, listsAtOnce: loaded.listsAtOnce ?? 1 });
}

async function loadFunction(): Promise<LoadedFunction> {
  const imported = (await import(functionUrl)) as { readonly default: FunctionModule };
  return imported.default.load(options);
}

async function run(
  loaded: LoadedFunction,
  { id, inputs, fault }: Extract<MessageToThread, { type: 'run' }>,
): Promise<void> {
  try {
    tell({ type: 'ran', id, answer: await start(loaded, id, inputs, fault) });
  } catch (error) {
    tell({ type: 'run-failed', id, ...describeThrown(error) });
  }
}

/** Whoever ends this thread while it is blocked can tell by the mark whose code blocks it. */
function start(
  loaded: LoadedFunction,
  id: number,
  inputs: readonly string[],
  fault: Extract<MessageToThread, { type: 'run' }>['fault'],
): Promise<unknown> {
  Atomics.store(startingRunId, 0, id);
  try {
    if (fault !== undefined) injectThreadFault(fault);
    return loaded.run(inputs);
  } finally {
    Atomics.store(startingRunId, 0, 0);
  }
}

/** A function may throw anything. */
function describeThrown(thrown: unknown): { readonly message: string; readonly stack?: string } {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  return { message: String(thrown.message), ...(thrown.stack !== undefined && { stack: String(thrown.stack) }) };
}

function tell(message: MessageFromThread): void {
  port.postMessage(message);
}
