/** Counts what the main job calls while it runs on the embedded stack. */
import { createClients } from '../../infra/aws/clients.js';
import { meterCalls, type MeteredCall } from '../../infra/aws/metering/meter-calls.js';
import { startEmbeddedStack } from '../../infra/embedded/stack.js';
import { readSentences } from '../../tools/examples/sentences.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { QuickFunctions } from './functions.js';
import { silent, startSystem, type System } from './system.js';

export interface Load {
  readonly tasksABatch: number;
  /** Clients that each have one batch under way. */
  readonly clients: number;
  readonly batches: number;
}

/** Markers are made and the start is told. */
const SETTLE_MS = 3000;

/** The calls that were made for so many batches, those that are made all the time among them. */
export async function measureLoad({ tasksABatch, clients, batches }: Load): Promise<readonly MeteredCall[]> {
  return withSystem(tasksABatch, async (system) => {
    let left = batches;
    const work = async () => {
      while (left > 0) {
        left -= 1;
        await system.finished(await system.accept(textsOf(left, tasksABatch)));
      }
    };
    await Promise.all(Array.from({ length: clients }, work));
    return undefined;
  });
}

/** The calls that are made whatever the load, without any. */
export function measureIdle(seconds: number): Promise<readonly MeteredCall[]> {
  return withSystem(1, async (_system, calls) => {
    await sleep(SETTLE_MS);
    calls.length = 0;
    await sleep(seconds * 1000);
    return [...calls];
  });
}

/** Counts what the work says, else everything, the deletes at the end too. What starting takes is not counted. */
async function withSystem(
  maxBatchTasks: number,
  work: (system: System, calls: MeteredCall[]) => Promise<readonly MeteredCall[] | undefined>,
): Promise<readonly MeteredCall[]> {
  const stack = await startEmbeddedStack({ host: '127.0.0.1', port: 0, dataDir: undefined, logger: silent });
  const endpoints = { endpointSqs: stack.url, endpointDynamodb: stack.url };
  const clients = createClients({ ...endpoints, region: 'us-east-1', live: false });
  const calls: MeteredCall[] = [];
  meterCalls(clients, (call) => void calls.push(call));
  try {
    const system = await startSystem({ clients, functions: new QuickFunctions(), maxBatchTasks });
    calls.length = 0;
    const counted = await work(system, calls);
    await system.stop();
    return counted ?? [...calls];
  } finally {
    clients.close();
    await stack.close();
  }
}

const sentences = readSentences();

function textsOf(nth: number, count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => sentences[(nth * count + index) % sentences.length]?.text ?? '',
  );
}
