/** What must hold once faults are over and the system had all the time it wanted. */
import { isTerminal, isOpen } from '../../contracts/batch/batch-state.js';
import { parseTaskId } from '../../contracts/batch/ids.js';
import type { Execution } from '../engine/execution.js';
import type { Scenario } from '../scenario/scenario.js';
import type { World } from '../world/world.js';
import { wrongInHistory } from './history.js';

/**
 * Of all tasks, where the queue keeps its order and no clock steps. Honest coordinators stay below 0.03 in 200 seeds;
 * in a queue without any order no evidence is worth much, and nearly every task may be sent once more.
 */
const SELDOM = 0.1;

/** Whether nothing is left to do. */
export function isQuiet(world: World): boolean {
  return (
    world.clients.areDone &&
    messagesLeft(world).length === 0 &&
    openTasks(world).length === 0 &&
    busyCoordinators(world).length === 0
  );
}

export function checkAtEnd(execution: Execution, world: World): void {
  const broken = (promise: string, details: readonly string[]) => {
    if (details.length > 0) execution.broken(promise, `${details.length}: ${details.slice(0, 3).join('; ')}`);
  };
  if (!world.clients.areDone) broken('every client is answered', ['some still wait']);
  broken('an accepted task becomes final', openTasks(world));
  broken('nothing stays in the queue for ever', messagesLeft(world));
  broken('no slot and no task is held for ever', busyCoordinators(world));
  broken('a task is cancelled only for who asked', cancelledForNobody(world));
  broken('what is in the queue is seldom sent again', needlessSends(world));
  broken('the history tells what happened', [...world.stack.batches.items.values()].flatMap(wrongInHistory));
}

function messagesLeft({ stack }: World): string[] {
  return [stack.queue, stack.deadLetters].flatMap(({ model }) => [...model.messages.keys()]);
}

/** Tasks that a client was told of and that are not final. */
function openTasks({ told, stack, emptyings }: World): string[] {
  return [...told.accepted].filter((taskId) => {
    const id = parseTaskId(taskId);
    if (id !== undefined && emptyings.isOrphaned(id.batchId)) return false;
    const batch = id && stack.batches.read(id.batchId);
    return batch === undefined || isOpen(batch.tasks[id?.taskIndex ?? -1]);
  });
}

function busyCoordinators({ machines }: World): string[] {
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

function cancelledForNobody({ told, stack }: World): string[] {
  return [...told.accepted].filter((taskId) => {
    const id = parseTaskId(taskId);
    const batch = id && stack.batches.read(id.batchId);
    return batch?.tasks[id?.taskIndex ?? -1]?.status === 'cancelled' && !told.wasAskedToCancel(taskId);
  });
}

/** Whether the order of the queue and the clocks are good for evidence that a message is lost. */
export function judgesSends({ queue, misfortunes }: Scenario): boolean {
  return !queue.reorders && misfortunes['clock stepped'] === 0;
}

function needlessSends({ scenario, resends, stack }: World): string[] {
  if (!judgesSends(scenario)) return [];
  const tasks = [...stack.batches.items.values()].reduce((sum, { tasks: slots }) => sum + slots.length, 0);
  return resends.needless > SELDOM * tasks ? [`${resends.needless} needless sends of ${tasks} tasks`] : [];
}

/** Batches that nobody was told of and that nobody will finish: their send never left. */
export function adrift({ stack, told }: World): number {
  return [...stack.batches.items.values()].filter(
    (batch) => !isTerminal(batch) && !batch.tasks.some((_, slot) => told.accepted.has(`${batch.id}-${slot}`)),
  ).length;
}
