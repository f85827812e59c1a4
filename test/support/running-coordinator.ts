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
  readonly world?: World;
}

export type World = ReturnType<typeof createWorld>;

export function createWorld(visibilityTimeoutMs = 2000, maxReceiveCount = 10) {
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
  const world = setup.world ?? createWorld(visibilityMsOf(setup));
  if (setup.script) world.functions.script = setup.script;
  const running = await runCoordinator(world, setup);
  const batchOf = (taskId: TaskId) => world.batches.items.get(batchIdOf(taskId));
  return {
    ...world,
    world,
    ...running,
    cancel: (taskId: TaskId) => running.cancelIn(batchOf(taskId), taskId),
    stored: (taskId: TaskId) => viewOf(batchOf(taskId), taskId),
  };
}
