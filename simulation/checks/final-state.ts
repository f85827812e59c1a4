/** Checks what must hold after the faults, when the system has had enough time to finish. */
import { isOpen } from '../../contracts/batch/batch-state.js';
import { parseTaskId } from '../../contracts/batch/ids.js';
import type { Execution } from '../engine/execution.js';
import type { Scenario } from '../scenario/scenario.js';
import type { SimulatedSystem } from '../system/simulated-system.js';
import { historyErrors } from './delivery-history.js';

/**
 * Share of all tasks, if the queue keeps its order and no clock steps. Correct coordinators stay below 0.03 in 200 seeds.
 * Without an order of messages nearly every task may be sent once more.
 */
const MAX_UNNECESSARY_SHARE = 0.1;

/** Whether nothing is left to do. */
export function isIdle(system: SimulatedSystem): boolean {
  return (
    system.clients.areDone &&
    remainingMessages(system).length === 0 &&
    openTasks(system).length === 0 &&
    busyCoordinators(system).length === 0
  );
}

export function checkFinalState(execution: Execution, system: SimulatedSystem): void {
  const check = (promise: string, details: readonly string[]) => {
    if (details.length > 0)
      execution.reportViolation(promise, `${details.length}: ${details.slice(0, 3).join('; ')}`);
  };
  if (!system.clients.areDone) check('every client is answered', ['some still wait']);
  check('an accepted task becomes terminal', openTasks(system));
  check('no message stays in the queue forever', remainingMessages(system));
  check('no slot and no task is held forever', busyCoordinators(system));
  check('a task is cancelled only on request', cancelledWithoutRequest(system));
  check('messages in the queue are rarely sent again', unnecessaryResends(system));
  check('the history matches the answers', [...system.stack.batches.items.values()].flatMap(historyErrors));
}

function remainingMessages({ stack }: SimulatedSystem): string[] {
  return [stack.queue, stack.deadLetters].flatMap(({ model }) => [...model.messages.keys()]);
}

/** Tasks that a client knows and that are not terminal. */
function openTasks({ history, stack, tableResets }: SimulatedSystem): string[] {
  return [...history.accepted].filter((taskId) => {
    const id = parseTaskId(taskId);
    if (id !== undefined && tableResets.isOrphaned(id.batchId)) return false;
    const batch = id && stack.batches.read(id.batchId);
    return batch === undefined || isOpen(batch.tasks[id?.taskIndex ?? -1]);
  });
}

function busyCoordinators({ machines }: SimulatedSystem): string[] {
  return machines.flatMap(({ name, listening }) => {
    if (listening === undefined) return [`${name} is not up`];
    const { ledger, registry } = listening.coordinator;
    const busy = registry.all().filter(({ busySlots }) => busySlots !== 0);
    return [
      ...(ledger.outstandingTasks === 0
        ? []
        : [`${name} counts ${ledger.outstandingTasks} outstanding tasks`]),
      ...busy.map(({ id, busySlots }) => `${name} holds ${busySlots} slots of ${id}`),
    ];
  });
}

function cancelledWithoutRequest({ history, stack }: SimulatedSystem): string[] {
  return [...history.accepted].filter((taskId) => {
    const id = parseTaskId(taskId);
    const batch = id && stack.batches.read(id.batchId);
    return batch?.tasks[id?.taskIndex ?? -1]?.status === 'cancelled' && !history.wasCancelRequested(taskId);
  });
}

/** Whether the order of the queue and the clocks can show that a message is lost. */
export function canJudgeResends({ queue, faultsPerMinute }: Scenario): boolean {
  return !queue.reorders && faultsPerMinute['clock stepped'] === 0;
}

function unnecessaryResends({ scenario, resends, stack }: SimulatedSystem): string[] {
  if (!canJudgeResends(scenario)) return [];
  const tasks = [...stack.batches.items.values()].reduce((sum, { tasks: slots }) => sum + slots.length, 0);
  return resends.unnecessary > MAX_UNNECESSARY_SHARE * tasks
    ? [`${resends.unnecessary} unnecessary resends of ${tasks} tasks`]
    : [];
}
