/** A coordinator in the test's own process, on whatever ports it is given, with workers that beat. */
import { Coordinator } from '../../coordinator/coordinator.js';
import type { CoordinatorOptions, CoordinatorPorts } from '../../coordinator/ports.js';
import type { InferRequest } from '../../contracts/http/api.js';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { parseTaskId, type TaskId } from '../../contracts/batch/ids.js';
import type { Logger } from '../../contracts/system/logger.js';
import { taskView } from '../../contracts/http/task-view.js';
import type { TaskView } from '../../contracts/http/answers.js';
import type { Tracer } from '../../contracts/system/tracing.js';
import { createSystemClock } from '../../infra/process/system-clock.js';
import { createSystemRandom } from '../../infra/process/system-random.js';

export interface LogLine {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RunSetup {
  readonly workers?: number;
  readonly options?: Partial<CoordinatorOptions>;
  readonly maxOutstandingTasks?: number;
  readonly maxOutstandingBytes?: number;
  readonly tracer?: Tracer;
  readonly workerAddresses?: CoordinatorPorts['workerAddresses'];
}

export type Ports = Omit<CoordinatorPorts, 'clock' | 'random' | 'logger' | 'tracer' | 'workerAddresses'>;

export const systemClock = createSystemClock();
const systemRandom = createSystemRandom();
const DEFAULT_VISIBILITY_MS = 2000;

let serial = 0;

export const visibilityMsOf = ({ options }: RunSetup): number =>
  options?.visibilityTimeoutMs ?? DEFAULT_VISIBILITY_MS;

export async function runCoordinator(ports: Ports, setup: RunSetup = {}) {
  const visibilityTimeoutMs = visibilityMsOf(setup);
  const log: LogLine[] = [];
  const logger = memoryLogger(log);
  serial += 1;
  const options: CoordinatorOptions = {
    coordinatorId: `coordinator-${serial}`,
    dispatch: 'least-loaded',
    redelivery: 'backoff',
    batch: { maxTasks: 32, maxBytes: 200_000, maxTokens: 2048, windowMs: 2 },
    workerSlots: 2,
    visibilityTimeoutMs,
    invokeTimeoutMs: 500,
    retentionMs: 3_600_000,
    keyRetentionMs: 3_600_000,
    maxOutstandingTasks: setup.maxOutstandingTasks ?? 20_000,
    maxOutstandingBytes: setup.maxOutstandingBytes ?? 64 * 1024 * 1024,
    ...setup.options,
  };
  const coordinator = new Coordinator(
    {
      clock: systemClock,
      random: systemRandom,
      logger,
      tracer: setup.tracer,
      workerAddresses: setup.workerAddresses,
      ...ports,
    },
    options,
  );
  const workerIds = Array.from({ length: setup.workers ?? 3 }, (_, index) => `worker-${index + 1}`);
  const beating = new Set(workerIds);
  const beat = () =>
    Promise.all(
      [...beating].map((id) => coordinator.heartbeats.beat(id, heartbeatOf(id)).catch(() => undefined)),
    );
  await beat();
  const beats = setInterval(() => void beat(), 200);
  coordinator.start();

  const accept = (request: InferRequest, idempotencyKey?: string) =>
    coordinator.accept({ request, requestId: 'request-1', idempotencyKey });
  const finished = async (taskIds: readonly TaskId[], timeoutMs = 10_000): Promise<TaskView[]> => {
    const tasks = await coordinator.wait(taskIds, timeoutMs, new AbortController().signal);
    return tasks.map(({ batch, taskIndex }) => taskView(batch, taskIndex));
  };
  return {
    coordinator,
    options,
    log,
    logger,
    beating,
    accept,
    finished,
    /** Texts in, finished tasks out. */
    classify: async (texts: string[], timeoutMs?: number) => finished(await accept({ texts }), timeoutMs),
    cancelIn: async (batch: BatchDocument | undefined, taskId: TaskId) => {
      if (batch === undefined) throw new Error(`nothing known of ${taskId}`);
      const taskIndex = parseTaskId(taskId)?.taskIndex ?? 0;
      return (await coordinator.cancel({ batch, taskIndex })).batch;
    },
    stop: async (deadlineMs = 2000) => {
      clearInterval(beats);
      await coordinator.stop(deadlineMs);
    },
  };
}

export function batchIdOf(taskId: TaskId): string {
  return parseTaskId(taskId)?.batchId ?? '';
}

export function viewOf(batch: BatchDocument | undefined, taskId: TaskId): TaskView {
  const id = parseTaskId(taskId);
  if (id === undefined || batch === undefined) throw new Error(`nothing known of ${taskId}`);
  return taskView(batch, id.taskIndex);
}

export function heartbeatOf(id: string) {
  return {
    address: `http://${id}.test`,
    state: 'up' as const,
    inFlight: 0,
    served: 0,
    failed: 0,
    p50Ms: 1,
    p95Ms: 2,
    faults: 'none',
    model: 'fake',
    startedAt: '2026-01-01T00:00:00.000Z',
  };
}

export function memoryLogger(lines: LogLine[]): Logger {
  const write = (fields: object, event: string) => void lines.push({ event, fields: { ...fields } });
  return { debug: write, info: write, warn: write, error: write };
}
