/** Coordinators in the test's own process on the queues and tables of a stack, with workers that follow a script. */
import { afterEach, expect } from 'vitest';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { TaskId } from '../../contracts/batch/ids.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { TaskView } from '../../contracts/http/answers.js';
import type { Clients } from '../../infra/aws/clients.js';
import { ensureResources } from '../../infra/aws/ensure-resources.js';
import { createStackPorts } from '../../infra/aws/ports.js';
import type { Resources } from '../../infra/resources/resources.js';
import type { AnyStack } from './any-stack.js';
import { eventually } from './eventually.js';
import { FakeFunctions, type Script } from './fake-functions.js';
import { changedFinalSlots, repeatedRevisions } from './promises.js';
import { batchIdOf, runCoordinator, systemClock, viewOf, type RunSetup } from './run-coordinator.js';

export interface StackSetup extends RunSetup {
  readonly script?: Script;
  /** Where absent, the stack's own. */
  readonly clients?: Clients;
}

/** Queue and tables of one system; any number of coordinators share them. */
export interface SharedStack {
  readonly described: Resources;
  readonly maxReceiveCount: number;
  readonly visibilityTimeoutMs: number;
  /** Every document that the coordinators know to have been written. */
  readonly versions: BatchDocument[];
  /** A table that was emptied begins anew. */
  wasEmptied: boolean;
}

export type StackCoordinator = Awaited<ReturnType<ReturnType<typeof useStackCoordinators>['start']>>;

export function useStackCoordinators(stack: () => AnyStack) {
  let running: { readonly stop: (deadlineMs: number) => Promise<void> }[] = [];
  let sharedStacks: SharedStack[] = [];

  afterEach(async () => {
    await Promise.all(running.map((coordinator) => coordinator.stop(200)));
    for (const { versions, wasEmptied } of sharedStacks) {
      const inOrder = versions.toSorted((one, other) => one.rev - other.rev);
      if (!wasEmptied) expect(changedFinalSlots(inOrder)).toEqual([]);
      if (!wasEmptied) expect(repeatedRevisions(inOrder)).toEqual([]);
    }
    running = [];
    sharedStacks = [];
  });

  return {
    memoryStack: async (maxReceiveCount = 10, visibilityTimeoutMs = 2000): Promise<SharedStack> => {
      const settings = { maxReceiveCount, visibilityTimeoutSeconds: visibilityTimeoutMs / 1000 };
      const { described } = await stack().all(settings);
      const memoryStack = {
        described,
        maxReceiveCount,
        visibilityTimeoutMs,
        versions: [],
        wasEmptied: false,
      };
      sharedStacks.push(memoryStack);
      return memoryStack;
    },
    start: async (
      memoryStack: SharedStack,
      { script, clients = stack().clients, ...setup }: StackSetup = {},
    ) => {
      const { described, maxReceiveCount, visibilityTimeoutMs, versions } = memoryStack;
      const settings = { maxReceiveCount, visibilityTimeoutSeconds: visibilityTimeoutMs / 1000 };
      const ensure = () => ensureResources(clients, settings, described);
      const ports = createStackPorts(clients, await ensure(), systemClock);
      const functions = new FakeFunctions(script);
      const coordinator = await runCoordinator(
        {
          ...ports,
          batches: recorded(ports.batches, versions),
          functions,
          resources: { ensure: () => ensure().then(() => undefined) },
        },
        { ...setup, options: { visibilityTimeoutMs, ...setup.options } },
      );
      running.push(coordinator);
      const read = (taskId: TaskId) => ports.batches.read(batchIdOf(taskId));
      return {
        ...coordinator,
        ports,
        functions,
        cancel: async (taskId: TaskId) => coordinator.cancelIn(await read(taskId), taskId),
        stored: async (taskId: TaskId): Promise<TaskView> => viewOf(await read(taskId), taskId),
        /** Once for each time that the coordinator told of it. */
        terminalTaskIds: () =>
          coordinator.log
            .filter(({ event }) => event === 'task.final')
            .map(({ fields }) => String(fields['taskId'])),
        /** Nothing waits, nothing is out, nothing is unfinished. */
        isQuiet: () =>
          eventually(
            async () => {
              expect(await ports.queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
              expect(await ports.batches.listOpen(10)).toEqual({ entries: [], more: false });
            },
            { timeoutMs: 20_000 },
          ),
      };
    },
    /** For a coordinator that the test stops itself. */
    forget: (stopped: { readonly stop: (deadlineMs: number) => Promise<void> }) => {
      running = running.filter((coordinator) => coordinator !== stopped);
    },
  };
}

/** The same store, which notes what it has written. A write whose reply was lost goes unnoted. */
function recorded(store: BatchStore, versions: BatchDocument[]): BatchStore {
  return {
    create: async (batch) => {
      const result = await store.create(batch);
      if (result === 'created') versions.push(batch);
      return result;
    },
    replace: async (previous, next) => {
      const result = await store.replace(previous, next);
      if (result === 'written') versions.push(next);
      return result;
    },
    read: (id) => store.read(id),
    readMany: (ids) => store.readMany(ids),
    recordStart: (...start) => store.recordStart(...start),
    listByTime: (...query) => store.listByTime(...query),
    listOpen: (limit) => store.listOpen(limit),
    listAttention: (...query) => store.listAttention(...query),
  };
}
