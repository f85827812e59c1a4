/** Every bug that can be planted, by name. */
import type { Plant } from './mutant.js';
import { sleepyClock } from './sleepy-clock.js';
import { expiringByDate, judgingByDate, measuringByWall, neverGoingBack } from './wrong-clocks.js';
import { greedy, hasty, ignoringInFlight } from './wrong-queues.js';
import {
  droppingMerge,
  forgetful,
  overwritingKeys,
  overwritingMerge,
  unconditional,
} from './wrong-stores.js';

export const PLANTS: readonly Plant[] = [
  {
    name: 'unconditional-commit',
    about: 'writes a batch whatever stands there',
    into: (ports, { batches }) => ({ ...ports, batches: unconditional(ports.batches, batches) }),
  },
  {
    name: 'delete-before-commit',
    about: 'deletes a message before its answers are stored',
    into: (ports) => ({ ...ports, ...hasty(ports) }),
  },
  {
    name: 'receive-without-slot',
    about: 'receives more messages than slots are free',
    into: (ports) => ({ ...ports, queue: greedy(ports.queue) }),
  },
  {
    name: 'reconciler-ignores-in-flight',
    about: 'takes for lost what nobody touched for a while, though it is in flight or waits in the queue',
    into: (ports) => ({ ...ports, queue: ignoringInFlight(ports) }),
  },
  {
    name: 'overwriting-merge',
    about: 'after a conflict, writes its own view over the answers of a batch that is half committed',
    into: (ports) => ({ ...ports, batches: overwritingMerge(ports.batches) }),
  },
  {
    name: 'dropping-merge',
    about: 'after a conflict, drops its own answers and believes them stored',
    into: (ports) => ({ ...ports, batches: droppingMerge(ports.batches) }),
  },
  {
    name: 'own-commit-as-conflict',
    about: 'takes its own write that landed for the write of somebody else',
    into: (ports) => ({ ...ports, batches: forgetful(ports.batches) }),
  },
  {
    name: 'lease-that-sleeps',
    about: 'believes that it still holds what it held before it was frozen',
    into: (ports) => ({ ...ports, clock: sleepyClock(ports.clock) }),
  },
  {
    name: 'overwritten-key',
    about: 'puts its own idempotency record in the place of one that is there',
    into: (ports, { keys }) => ({ ...ports, keys: overwritingKeys(ports.keys, keys) }),
  },
  {
    name: 'durations-by-wall-clock',
    about: 'measures how long things take by the wall clock',
    into: (ports) => ({ ...ports, clock: measuringByWall(ports.clock) }),
  },
  {
    name: 'silence-by-date',
    about: "subtracts another machine's time from its own to see whether a worker is there",
    into: (ports) => ({ ...ports, workers: judgingByDate(ports.workers, ports.clock) }),
  },
  {
    name: 'statistics-never-go-back',
    about: 'writes no second of its statistics that is earlier than the one before',
    into: (ports) => ({ ...ports, statistics: neverGoingBack(ports.statistics) }),
  },
  {
    name: 'deadline-by-date',
    about: "compares another machine's deadline with its own wall clock",
    into: (ports) => ({ ...ports, queue: expiringByDate(ports.queue, ports.clock) }),
  },
];

export function plantNamed(name: string): Plant | undefined {
  return PLANTS.find((plant) => plant.name === name);
}
