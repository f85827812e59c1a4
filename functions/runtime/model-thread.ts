/**
 * Entry of the thread in which a function runs. A model's run blocks its event loop; here it blocks nobody's
 * heartbeat, health check or signal handler.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionModule, LoadedFunction } from './function-module.js';
import type { MessageFromThread, MessageToThread, ThreadData } from './thread-messages.js';

if (parentPort === null) throw new Error('model-thread is an entry for worker threads');
const port = parentPort;

await serve(workerData as ThreadData);

async function serve(data: ThreadData): Promise<void> {
  let loaded: LoadedFunction;
  try {
    loaded = await loadFunction(data);
  } catch (error) {
    tell({ type: 'load-failed', message: error instanceof Error ? error.message : String(error) });
    return;
  }
  port.on('message', (message: MessageToThread) => {
    if (message.type === 'run') void run(loaded, message.id, message.inputs);
    else port.close(); // nothing else keeps the thread alive
  });
  tell({ type: 'loaded', model: loaded.model, listsAtOnce: loaded.listsAtOnce ?? 1 });
}

async function loadFunction({ functionUrl, options }: ThreadData): Promise<LoadedFunction> {
  const imported = (await import(functionUrl)) as { readonly default: FunctionModule };
  return imported.default.load(options);
}

async function run(loaded: LoadedFunction, id: number, inputs: readonly string[]): Promise<void> {
  try {
    tell({ type: 'ran', id, run: await loaded.run(inputs) });
  } catch (error) {
    tell({ type: 'run-failed', id, message: error instanceof Error ? error.message : String(error) });
  }
}

function tell(message: MessageFromThread): void {
  port.postMessage(message);
}
