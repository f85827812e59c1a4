/**
 * Entry of the process in which a function runs. A run of a model blocks the event loop. In its own process it blocks no
 * heartbeat, health check or signal handler of the worker, and can be ended at any time.
 */
import { Worker } from 'node:worker_threads';
import { FUNCTION_FAILED, INVALID_OUTPUT } from '../../../contracts/worker/invoke.js';
import { describeThrown } from './describe-thrown.js';
import { injectFunctionFault } from './function-faults.js';
import {
  messageToFunctionSchema,
  type FunctionSource,
  type MessageFromFunction,
  type MessageToFunction,
} from './function-messages.js';
import type { FunctionModule, LoadedFunction } from './function-module.js';
import { readRun } from './read-run.js';

type Run = Extract<MessageToFunction, { type: 'run' }>;

/** A blocked function cannot see that its worker is gone. This thread does. */
const ORPHAN_GUARD = `
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 250);
`;

let loaded: LoadedFunction | undefined;
let running = 0;

new Worker(ORPHAN_GUARD, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
process.on('message', (value) => void handleMessage(messageToFunctionSchema.parse(value)));
process.on('disconnect', () => process.exit(0));
// Signals reach the whole process group. The worker decides when its function ends.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

async function handleMessage(message: MessageToFunction): Promise<void> {
  if (message.type === 'ping') send({ type: 'pong' });
  else if (message.type === 'load') await load(message);
  else if (loaded !== undefined) await run(loaded, message);
}

async function load({ functionUrl, options }: FunctionSource): Promise<void> {
  try {
    const imported = (await import(functionUrl)) as { readonly default: FunctionModule };
    loaded = await imported.default.load(options);
    send({ type: 'loaded', model: loaded.model, listsAtOnce: loaded.listsAtOnce ?? 1 });
  } catch (error) {
    send({ type: 'load-failed', message: describeThrown(error).message });
  }
}

async function run(ready: LoadedFunction, { id, inputs, fault }: Run): Promise<void> {
  if (running > 0) send({ type: 'starting', id });
  running += 1;
  try {
    if (fault !== undefined) injectFunctionFault(fault);
    answer(id, await ready.run(inputs), inputs.length);
  } catch (error) {
    send({ type: 'run-failed', id, code: FUNCTION_FAILED, ...describeThrown(error) });
  } finally {
    running -= 1;
  }
}

/** Separate from `run`, because an invalid answer is no failure of the run itself. */
function answer(id: number, given: unknown, inputs: number): void {
  try {
    send({ type: 'ran', id, answer: readRun(given, inputs) });
  } catch (error) {
    send({ type: 'run-failed', id, code: INVALID_OUTPUT, ...describeThrown(error) });
  }
}

function send(message: MessageFromFunction): void {
  process.send?.(message, () => undefined); // the disconnect reports that the worker is gone
}
