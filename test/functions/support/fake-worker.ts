import { parseFaults } from '../../../contracts/worker/faults.js';
import type { Logger } from '../../../contracts/system/logger.js';
import type { FunctionRun } from '../../../functions/runtime/host/function-module.js';
import type { ModelHost } from '../../../functions/runtime/host/model-host.js';
import {
  startWorker,
  type RunningWorker,
  type WorkerParts,
} from '../../../functions/runtime/start-worker.js';
import { createSystemClock } from '../../../infra/process/system-clock.js';

export const TOKEN = 'shared-secret';

export interface LogLine {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface FakeWorker extends RunningWorker {
  readonly logLines: readonly LogLine[];
  readonly crashes: () => number;
}

export interface FakeWorkerOptions {
  readonly faults?: string;
  readonly run?: ModelHost['run'];
  readonly condition?: ModelHost['condition'];
  readonly coordinatorUrl?: string;
  readonly drainMs?: number;
  readonly tracer?: WorkerParts['tracer'];
  readonly config?: Partial<WorkerParts['config']>;
}

/** Nobody listens on port 1. */
const NOBODY = 'http://127.0.0.1:1';

/** Labels each text with itself. */
export function echo(inputs: readonly string[]): Promise<FunctionRun> {
  const outcomes = inputs.map((text) => ({ status: 'succeeded', label: text, score: 1, tokens: 1 }) as const);
  return Promise.resolve({ outcomes, tokenizeMs: 1, computeMs: 2 });
}

/** The real runtime around a fake model. */
export async function startFakeWorker(options: FakeWorkerOptions = {}): Promise<FakeWorker> {
  const logLines: LogLine[] = [];
  let crashes = 0;
  const worker = await startWorker({
    config: {
      host: '127.0.0.1',
      allowedHosts: [],
      port: 0,
      workerId: 'worker-7',
      coordinatorUrl: options.coordinatorUrl ?? NOBODY,
      token: TOKEN,
      faults: parseFaults(options.faults ?? 'none'),
      visibilityTimeoutSeconds: 30,
      limits: { timeoutMs: 27_000, memoryMb: 512 },
      ...options.config,
    },
    host: {
      model: 'fake',
      listsAtOnce: 1,
      run: options.run ?? echo,
      condition: options.condition ?? (() => ({ state: 'running', unresponsiveMs: 0 })),
      onChange: () => undefined,
      stop: () => Promise.resolve(),
      kill: () => undefined,
    },
    clock: createSystemClock(),
    random: { next: () => Math.random(), bytes: (count) => new Uint8Array(count) },
    logger: recordingLogger(logLines),
    crash: () => (crashes += 1),
    drainMs: options.drainMs ?? 10_000,
    tracer: options.tracer,
  });
  return { ...worker, logLines, crashes: () => crashes };
}

function recordingLogger(lines: LogLine[]): Logger {
  const log = (fields: object, event: string): void => void lines.push({ event, fields: { ...fields } });
  return { debug: log, info: log, warn: log, error: log };
}
