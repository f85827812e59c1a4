/** A check that cannot fail proves nothing: each of these bugs must be found. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_TASKS } from '../../simulation/config.js';
import { SeededRandom } from '../../infra/process/seeded-random.js';
import { findMutant, MUTANTS } from '../../simulation/mutants/mutants.js';
import { canJudgeResends } from '../../simulation/checks/final-state.js';
import { simulateSeed, type SeedResult } from '../../simulation/simulate-seed.js';
import { drawScenario, type Scenario } from '../../simulation/scenario/scenario.js';

const MAX_SEEDS = 200;

/** Which promises a bug breaks. */
const BROKEN_BY: Readonly<Record<string, readonly string[]>> = {
  'unconditional-commit': ['a terminal state never changes', 'the history matches the answers'],
  'delete-before-commit': ['only messages without open tasks are deleted'],
  'receive-without-slot': ['no receive without a slot'],
  'reconciler-ignores-in-flight': ['messages in the queue are rarely sent again'],
  'overwriting-merge': ['a terminal state never changes', 'the history matches the answers'],
  'dropping-merge': [
    'only messages without open tasks are deleted',
    'answers to clients match the table',
    'a cancelled task stays cancelled',
  ],
  'own-commit-as-conflict': ['the history matches the answers', 'a write whose reply was lost is recognized'],
  'lease-that-sleeps': ['a coordinator leaves alone a message that it no longer holds'],
  'overwritten-key': ['the same key gives the same tasks'],
  'durations-by-wall-clock': [
    'no task expires before its deadline',
    'a coordinator leaves alone a message that it no longer holds',
    'workers that send heartbeats are up',
    'statistics continue after a clock step',
  ],
  'silence-by-date': ['workers that send heartbeats are up'],
  'statistics-never-go-back': ['statistics continue after a clock step'],
  'deadline-by-date': ['no task expires before its deadline'],
};

/** Seeds that cannot show a bug are not run: that saves most of the time. */
const CAN_SHOW: Readonly<Record<string, (scenario: Scenario) => boolean>> = {
  'reconciler-ignores-in-flight': canJudgeResends,
};

/** Seeds that showed a bug when this was written are tried first: the others would take a minute. */
const TRIED_FIRST: Readonly<Record<string, number>> = {
  'own-commit-as-conflict': 16,
  'durations-by-wall-clock': 84,
};

describe('a planted bug', () => {
  it('is one of those that are known here', () => {
    expect(MUTANTS.map(({ name }) => name).toSorted()).toEqual(Object.keys(BROKEN_BY).toSorted());
  });

  it.each(Object.entries(BROKEN_BY))('%s is found', { timeout: 180_000 }, async (name, promises) => {
    const found = await firstFinding(name);
    expect(promises).toContain(found?.violations[0]?.promise);
  });
});

async function firstFinding(name: string): Promise<SeedResult | undefined> {
  const mutant = findMutant(name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  const inOrder = Array.from({ length: MAX_SEEDS }, (_, index) => index + 1);
  for (const seed of [TRIED_FIRST[name] ?? 1, ...inOrder]) {
    const canShow = CAN_SHOW[name];
    const drawn = { tasks: DEFAULT_TASKS, losses: true };
    if (canShow?.(drawScenario(new SeededRandom(seed), drawn)) === false) continue;
    const result = await simulateSeed(seed, { tasks: DEFAULT_TASKS, mutant });
    if (result.violations.length > 0) return result;
  }
  return undefined;
}
