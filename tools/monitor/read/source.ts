import type { Source } from '../snapshot/snapshot.js';
import { describeProblem } from '../snapshot/problem.js';

/** The next state of a source: what the read brings, or what was there and why it brought nothing. */
export async function readSource<T>(
  before: Source<T>,
  now: () => number,
  read: () => Promise<T>,
): Promise<Source<T>> {
  try {
    const value = await read();
    return { value, readAtMs: now() };
  } catch (error) {
    return { ...before, problem: describeProblem(error) };
  }
}
