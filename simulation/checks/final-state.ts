/** What must hold once faults are over and the system had all the time it wanted. */
import { isTerminal, isOpen } from '../../contracts/batch/batch-state.js';
import { parseTaskId } from '../../contracts/batch/ids.js';
import type { Execution } from '../engine/execution.js';
import type { Scenario } from '../scenario/scenario.js';
import type { SimulatedSystem } from '../system/simulated-system.js';
import { historyErrors } from './delivery-history.js';

/**
 * Of all tasks, where the queue keeps its order and no clock steps. Honest coordinators stay below 0.03 in 200 seeds;
 * in a queue without any order no evidence is worth much, and nearly every task may be sent once more.
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
  const broken = (promise: string, details: readonly string[]) => {
    if (details.length > 0)
      execution.reportViolation(promise, `${details.length}: ${details.slice(0, 3).join('; ')}`);
  };
  if (!system.clients.areDone) broken('every client is answered', ['some still wait']);
  broken('an accepted task becomes final', openTasks(system));
  broken('nothing stays in the queue for ever', remainingMessages(system));
  broken('no slot and no task is held for ever', busyCoordinators(system));
  broken('a task is cancelled only for who asked', cancelledWithoutRequest(system));
  broken('what is in the queue is seldom sent again', unnecessaryResends(system));
  broken('the history tells what happened', [...system.stack.batches.items.values()].flatMap(historyErrors));
}

function remainingMessages({ stack }: SimulatedSystem): string[] {
  return [stack.queue, stack.deadLetters].flatMap(({ model }) => [...model.messages.keys()]);
}

/** Tasks that a client was told of and that are not final. */
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

/** Whether the order of the queue and the clocks are good for evidence that a message is lost. */
export function canJudgeResends({ queue, faultsPerMinute }: Scenario): boolean {
  return !queue.reorders && faultsPerMinute['clock stepped'] === 0;
}

function unnecessaryResends({ scenario, resends, stack }: SimulatedSystem): string[] {
  if (!canJudgeResends(scenario)) return [];
  const tasks = [...stack.batches.items.values()].reduce((sum, { tasks: slots }) => sum + slots.length, 0);
  return resends.unnecessary > MAX_UNNECESSARY_SHARE * tasks
    ? [`${resends.unnecessary} needless sends of ${tasks} tasks`]
    : [];
}

/** Batches that nobody was told of and that nobody will finish: their send never left. */
export function adrift({ stack, history }: SimulatedSystem): number {
  return [...stack.batches.items.values()].filter(
    (batch) =>
      !isTerminal(batch) && !batch.tasks.some((_, slot) => history.accepted.has(`${batch.id}-${slot}`)),
  ).length;
}
