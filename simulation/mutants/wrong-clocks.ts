/** Mutants that trust wall clocks. */
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { StatsStore, WorkerStore } from '../../contracts/stack/stores.js';
import { DOWN_AFTER_MS } from '../../contracts/worker/worker.js';
import { asciiJson } from '../../contracts/common/text.js';
import { readBody } from '../../coordinator/delivery/open-batch.js';
import { overrideMethods } from '../engine/override-methods.js';

/** Measures how long things take by the wall clock. */
export function measuringByWallClock(clock: Clock): Clock {
  const originMs = clock.now() - clock.monotonic();
  return { ...clock, monotonic: () => clock.now() - originMs };
}

/** Compares the heartbeat time of another machine with its own clock, and drops workers that seem silent. */
export function judgingByWallClock(workers: WorkerStore, clock: Clock): WorkerStore {
  return overrideMethods(workers, {
    list: async () =>
      (await workers.list()).filter(({ heartbeatAtMs }) => clock.now() - heartbeatAtMs < DOWN_AFTER_MS),
  });
}

/** Writes seconds of statistics in ascending order only. */
export function neverGoingBack(statistics: StatsStore): StatsStore {
  let last = 0;
  return overrideMethods(statistics, {
    put: (row) => {
      last = Math.max(last + 1, row.second);
      return statistics.put({ ...row, second: last });
    },
  });
}

/** Compares another machine's deadline with its own wall clock. */
export function expiringByWallClock(queue: BatchQueue, clock: Clock): BatchQueue {
  return overrideMethods(queue, {
    receive: async (max, waitSeconds) => {
      const messages = await queue.receive(max, waitSeconds);
      return messages.map((received) => {
        const message = readBody(received.body);
        if (message === undefined) return received;
        const inputs = message.inputs.map((input) => {
          const { deadlineAtMs } = input;
          if (deadlineAtMs === undefined) return input;
          return { ...input, acceptedAtMs: Math.min(deadlineAtMs, clock.now()) };
        });
        return { ...received, body: asciiJson({ ...message, inputs }) };
      });
    },
  });
}
