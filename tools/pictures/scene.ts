/** The pictured system, under load: one worker was just killed, and another was paused. */
import type { Environment } from '../../contracts/settings/settings.js';
import { connectSupervised } from '../kit/system/supervised-system.js';
import { readSentences } from '../examples/sentences.js';
import { planArrivals } from '../kit/load/arrivals.js';
import { createHttpClient } from '../../client/http.js';
import { startOpenLoop } from '../kit/load/open-loop.js';
import { planTexts } from '../kit/load/planned-texts.js';
import { sleep } from '../../client/sleep.js';
import { startCopy } from '../kit/system/start-copy.js';

export interface Scene {
  readonly coordinatorUrl: string;
  readonly stackUrl: string;
  readonly dataFolder: string;
  /** Kills a worker, as `npm run chaos -- kill worker-2` does. */
  kill(workerId: string): Promise<void>;
  close(): Promise<void>;
}

const SEED = 5;
const RATE_PER_SECOND = 40;
const DURATION_MS = 240_000;
const UNDISTURBED_MS = 34_000;
const PAUSED_MS = 6000;
const AFTERWARDS_MS = 12_000;

/** Resolves when there is something to be seen. The load goes on until the scene is closed. */
export async function startScene(environment: Environment, signal: AbortSignal): Promise<Scene> {
  const copy = await startCopy({ environment, flags: ['--faults', 'error=0.02,delay=15±10'] }, signal);
  const over = new AbortController();
  const http = createHttpClient({ url: copy.url, connections: 64, timeoutMs: 60_000 });
  const close = async () => {
    over.abort();
    await http.close();
    await copy.stop();
  };
  try {
    const system = await connectSupervised(copy.dataFolder, { emptyQueue: () => Promise.resolve() });
    startLoad(http, AbortSignal.any([signal, over.signal]));
    listen(copy.url, over.signal).catch(() => undefined);
    await sleep(UNDISTURBED_MS, signal);
    await system.kill('worker-2');
    await sleep(PAUSED_MS, signal);
    await system.pause('worker-3');
    await sleep(PAUSED_MS, signal);
    await system.resume('worker-3');
    await sleep(AFTERWARDS_MS, signal);
    signal.throwIfAborted();
    return {
      coordinatorUrl: copy.url,
      stackUrl: copy.stackUrl,
      dataFolder: copy.dataFolder,
      kill: (workerId) => system.kill(workerId),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Somebody looks all the time: the queue's depth is known only of seconds at which somebody did. */
async function listen(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/events`, { signal });
  await response.body?.pipeTo(new WritableStream(), { signal }).catch(() => undefined);
}

function startLoad(http: ReturnType<typeof createHttpClient>, signal: AbortSignal): void {
  const times = planArrivals({
    kind: 'bursts',
    seed: SEED,
    durationMs: DURATION_MS,
    ratePerSecond: RATE_PER_SECOND,
    peakPerSecond: 3 * RATE_PER_SECOND,
    peakMs: 4000,
    everyMs: 25_000,
  });
  const pool = readSentences().map(({ text }) => text);
  const texts = planTexts(times.length, { pool, seed: SEED, textsPerRequest: { min: 1, max: 2 } });
  const requests = times.map((atMs, index) => ({ atMs, texts: texts[index] ?? [] }));
  startOpenLoop({
    requests,
    signal,
    send: ({ texts }) => {
      const body = JSON.stringify({ texts });
      const headers = { 'content-type': 'application/json' };
      // The picture shows the outcome.
      http.send({ method: 'POST', path: '/infer', headers, body }).catch(() => undefined);
    },
  });
}
