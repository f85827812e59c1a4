/** Every bug that can be planted, by name. */
import type { Plant } from './plant.js';
import { sleepyClock } from './sleepy-clock.js';
import { GreedyQueue, HastyFunctions, RememberingQueue } from './wrong-queues.js';
import {
  DroppingMerge,
  ForgetfulStore,
  OverwritingKeys,
  OverwritingMerge,
  UnconditionalStore,
} from './wrong-stores.js';

export const PLANTS: readonly Plant[] = [
  {
    name: 'unconditional-commit',
    about: 'writes a batch whatever stands there',
    into: (ports, { batches }) => ({ ...ports, batches: new UnconditionalStore(ports.batches, batches) }),
  },
  {
    name: 'delete-before-commit',
    about: 'deletes a message before its answers are stored',
    into: (ports) => {
      const queue = new RememberingQueue(ports.queue);
      return { ...ports, queue, functions: new HastyFunctions(ports.functions, queue) };
    },
  },
  {
    name: 'receive-without-slot',
    about: 'receives more messages than slots are free',
    into: (ports) => ({ ...ports, queue: new GreedyQueue(ports.queue) }),
  },
  {
    name: 'overwriting-merge',
    about: 'after a conflict, writes its own view over the answers of a batch that is half committed',
    into: (ports) => ({ ...ports, batches: new OverwritingMerge(ports.batches) }),
  },
  {
    name: 'dropping-merge',
    about: 'after a conflict, drops its own answers and believes them stored',
    into: (ports) => ({ ...ports, batches: new DroppingMerge(ports.batches) }),
  },
  {
    name: 'own-commit-as-conflict',
    about: 'takes its own write that landed for the write of somebody else',
    into: (ports) => ({ ...ports, batches: new ForgetfulStore(ports.batches) }),
  },
  {
    name: 'lease-that-sleeps',
    about: 'believes that it still holds what it held before it was frozen',
    into: (ports) => ({ ...ports, clock: sleepyClock(ports.clock) }),
  },
  {
    name: 'overwritten-key',
    about: 'puts its own idempotency record in the place of one that is there',
    into: (ports, { keys }) => ({ ...ports, keys: new OverwritingKeys(ports.keys, keys) }),
  },
];

export function plantNamed(name: string): Plant | undefined {
  return PLANTS.find((plant) => plant.name === name);
}
