/** All mutants, by name. */
import type { Mutant } from './mutant.js';
import { stoppedWhileFrozen } from './stopped-while-frozen.js';
import {
  expiringByWallClock,
  judgingByWallClock,
  measuringByWallClock,
  neverGoingBack,
} from './wrong-clocks.js';
import { receivingTooMany, deletingBeforeCommit, ignoringInFlight } from './wrong-queues.js';
import {
  droppingMerge,
  forgettingOwnWrites,
  overwritingKeys,
  overwritingMerge,
  writingUnconditionally,
} from './wrong-stores.js';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'unconditional-commit',
    description: 'writes a batch without a condition',
    apply: (ports, { batches }) => ({ ...ports, batches: writingUnconditionally(ports.batches, batches) }),
  },
  {
    name: 'delete-before-commit',
    description: 'deletes a message before its answers are stored',
    apply: (ports) => ({ ...ports, ...deletingBeforeCommit(ports) }),
  },
  {
    name: 'receive-without-slot',
    description: 'receives more messages than slots are free',
    apply: (ports) => ({ ...ports, queue: receivingTooMany(ports.queue) }),
  },
  {
    name: 'reconciler-ignores-in-flight',
    description:
      'presumes a message lost after a while without progress, though it is in flight or in the queue',
    apply: (ports) => ({ ...ports, queue: ignoringInFlight(ports) }),
  },
  {
    name: 'overwriting-merge',
    description: 'after a conflict, writes its own view over the answers of a batch that is half committed',
    apply: (ports) => ({ ...ports, batches: overwritingMerge(ports.batches) }),
  },
  {
    name: 'dropping-merge',
    description: 'after a conflict, drops its own answers as if they were stored',
    apply: (ports) => ({ ...ports, batches: droppingMerge(ports.batches) }),
  },
  {
    name: 'own-commit-as-conflict',
    description: 'takes its own stored write for that of another coordinator',
    apply: (ports) => ({ ...ports, batches: forgettingOwnWrites(ports.batches) }),
  },
  {
    name: 'lease-that-sleeps',
    description: 'assumes after a freeze that it still holds its messages',
    apply: (ports) => ({ ...ports, clock: stoppedWhileFrozen(ports.clock) }),
  },
  {
    name: 'overwritten-key',
    description: 'overwrites an existing idempotency record',
    apply: (ports, { keys }) => ({ ...ports, keys: overwritingKeys(ports.keys, keys) }),
  },
  {
    name: 'durations-by-wall-clock',
    description: 'measures how long things take by the wall clock',
    apply: (ports) => ({ ...ports, clock: measuringByWallClock(ports.clock) }),
  },
  {
    name: 'silence-by-date',
    description: "subtracts another machine's time from its own to see whether a worker is there",
    apply: (ports) => ({ ...ports, workers: judgingByWallClock(ports.workers, ports.clock) }),
  },
  {
    name: 'statistics-never-go-back',
    description: 'writes no second of its statistics that is earlier than the one before',
    apply: (ports) => ({ ...ports, statistics: neverGoingBack(ports.statistics) }),
  },
  {
    name: 'deadline-by-date',
    description: "compares another machine's deadline with its own wall clock",
    apply: (ports) => ({ ...ports, queue: expiringByWallClock(ports.queue, ports.clock) }),
  },
];

export function findMutant(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}
