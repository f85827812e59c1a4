/** Looks at a few accepted tasks in the store now and then while the run lasts: a final state seen once must stand. */
import type { SeededRandom } from '../../../infra/process/seeded-random.js';
import { readTasks, type ReadableStore } from './read-store.js';
import { recordSighting, type TaskRecord } from '../load/records.js';

const TASKS_A_SAMPLE = 50;

export interface Sampler {
  /** Never rejects: a store that does not answer is looked at another time. */
  sample(tasks: readonly TaskRecord[]): Promise<void>;
  /** How many tasks were looked at. */
  readonly sampled: number;
}

export function createSampler(store: ReadableStore, random: SeededRandom, now: () => number): Sampler {
  let sampled = 0;
  let isLooking = false;
  return {
    get sampled() {
      return sampled;
    },
    async sample(tasks) {
      if (isLooking || tasks.length === 0) return;
      isLooking = true;
      try {
        const some = pickSome(tasks, TASKS_A_SAMPLE, random);
        const views = await readTasks(
          store,
          some.map(({ taskId }) => taskId),
        );
        for (const task of some) {
          const view = views.get(task.taskId);
          if (view === undefined) continue;
          sampled += 1;
          const { status, label, score } = view;
          recordSighting(task, { atMs: now(), by: 'store', status, label, score });
        }
      } catch {
        // cut off just now, perhaps by this very experiment
      } finally {
        isLooking = false;
      }
    },
  };
}

function pickSome<T>(items: readonly T[], count: number, random: SeededRandom): readonly T[] {
  if (items.length <= count) return items;
  const chosen = new Set(Array.from({ length: count }, () => random.below(items.length)));
  return items.filter((_, index) => chosen.has(index));
}
