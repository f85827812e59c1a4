/** A whole coordinator on memory ports and real time, with short timeouts. */
import type { TaskId } from '../../contracts/batch/ids.js';
import { FakeFunctions, type Script } from './fake-functions.js';
import {
  MemoryBatchStore,
  MemoryKeyStore,
  MemoryMarkerStore,
  MemoryQueue,
  MemoryStatsStore,
  MemoryWorkerStore,
} from './memory-stack.js';
import {
  batchIdOf,
  runCoordinator,
  systemClock,
  viewOf,
  visibilityMsOf,
  type RunSetup,
} from './run-coordinator.js';

export { heartbeatOf, memoryLogger, type LogLine } from './run-coordinator.js';

export interface Setup extends RunSetup {
  readonly script?: Script;
  /** Parts of another coordinator's world, to share it. */
  readonly memoryStack?: MemoryStack;
}

export type MemoryStack = ReturnType<typeof createMemoryStack>;

export function createMemoryStack(visibilityTimeoutMs = 2000, maxReceiveCount = 10) {
  return {
    queue: new MemoryQueue(systemClock, visibilityTimeoutMs, maxReceiveCount),
    batches: new MemoryBatchStore(),
    keys: new MemoryKeyStore(systemClock),
    marker: new MemoryMarkerStore(),
    resources: { ensure: () => Promise.resolve() },
    workers: new MemoryWorkerStore(),
    statistics: new MemoryStatsStore(),
    functions: new FakeFunctions(),
  };
}

export type RunningCoordinator = Awaited<ReturnType<typeof startCoordinator>>;

export async function startCoordinator(setup: Setup = {}) {
  const memoryStack = setup.memoryStack ?? createMemoryStack(visibilityMsOf(setup));
  if (setup.script) memoryStack.functions.script = setup.script;
  const running = await runCoordinator(memoryStack, setup);
  const batchOf = (taskId: TaskId) => memoryStack.batches.items.get(batchIdOf(taskId));
  return {
    ...memoryStack,
    memoryStack,
    ...running,
    cancel: (taskId: TaskId) => running.cancelIn(batchOf(taskId), taskId),
    stored: (taskId: TaskId) => viewOf(batchOf(taskId), taskId),
  };
}
