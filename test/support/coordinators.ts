/** Coordinators that stop when their test ends, after which the promises are checked of all that was ever stored. */
import { afterEach, expect } from 'vitest';
import { changedFinalSlots, repeatedRevisions } from './promises.js';
import { startCoordinator, type RunningCoordinator, type Setup } from './running-coordinator.js';

export function useCoordinators() {
  let running: RunningCoordinator[] = [];

  afterEach(async () => {
    await Promise.all(running.map((coordinator) => coordinator.stop(200)));
    for (const { batches } of running) {
      expect(changedFinalSlots(batches.versions)).toEqual([]);
      expect(repeatedRevisions(batches.versions)).toEqual([]);
    }
    running = [];
  });

  return {
    start: async (setup: Setup = {}): Promise<RunningCoordinator> => {
      const coordinator = await startCoordinator(setup);
      running.push(coordinator);
      return coordinator;
    },
    /** For a coordinator that the test stops itself. */
    forget: (stopped: RunningCoordinator): void => {
      running = running.filter((coordinator) => coordinator !== stopped);
    },
  };
}
