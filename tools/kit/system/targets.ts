/** Which processes a person means. */
import { UsageError, type ChaosSystem, type Target } from './system.js';

export const TARGET_WORDS = 'worker-1…n, any (a worker by chance), all (all workers), coordinator, stack';

/** `any` and `all` are of workers. @throws UsageError naming what there is. */
export function resolveTargets(
  system: Pick<ChaosSystem, 'workers'>,
  word: string,
  random: { next(): number },
): Target[] {
  const workers = system.workers.map(({ id }) => id);
  if (word === 'all') return workers;
  if (word === 'any') return workers.slice(Math.floor(random.next() * workers.length)).slice(0, 1);
  if (word === 'coordinator' || word === 'stack' || workers.includes(word)) return [word];
  throw new UsageError(
    `there is no "${word}" here; expected ${[...workers, 'any', 'all', 'coordinator', 'stack'].join(', ')}`,
  );
}
