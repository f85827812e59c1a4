/** Reads from flags what to simulate. */
import yargs from 'yargs';
import { MUTANTS, findMutant } from './mutants/mutants.js';
import type { Mutant } from './mutants/mutant.js';

export interface SimulateConfig {
  readonly seeds: readonly number[];
  readonly tasks: number;
  readonly losses: boolean;
  readonly mutant: Mutant | undefined;
  /** Whether to print everything that happens. */
  readonly trace: boolean;
}

export const DEFAULT_TASKS = 2000;
const DEFAULT_SEEDS = 200;
const MAX_SEEDS = 1_000_000;
const MAX_SEED = 2 ** 32 - 1;

export function readConfig(argv: readonly string[]): SimulateConfig {
  const flags = yargs([...argv])
    .scriptName('npm run simulate --')
    .usage(
      '$0 [flags]\n\nThe coordinator under seeded faults, in one process and in virtual time; afterwards every ' +
        'promise is checked. Ends with 1 where one was broken.',
    )
    .option('seeds', {
      type: 'number',
      defaultDescription: String(DEFAULT_SEEDS),
      describe: 'how many executions',
    })
    .option('from', {
      type: 'number',
      defaultDescription: '1',
      describe: 'the seed of the first; each next is one higher',
    })
    .option('seed', { type: 'number', describe: 'replay this one exactly, and print its trace' })
    .option('tasks', { type: 'number', default: DEFAULT_TASKS, describe: 'tasks an execution, about' })
    .option('losses', {
      type: 'boolean',
      default: true,
      describe: 'lose messages, the queue and the tables too; --no-losses keeps them',
    })
    .option('plant', {
      type: 'string',
      choices: MUTANTS.map(({ name }) => name),
      describe: 'run with this bug, which the checks must find',
    })
    .check(({ seeds, from, seed, tasks }) => {
      if (seed !== undefined && (from !== undefined || seeds !== undefined)) {
        throw new Error(
          `--seed replays one: ${seeds === undefined ? '--from' : '--seeds'} does not go with it`,
        );
      }
      if (seeds !== undefined) requireWholeNumber('--seeds', seeds, 1, MAX_SEEDS);
      if (from !== undefined) requireWholeNumber('--from', from, 0, MAX_SEED);
      if (seed !== undefined) requireWholeNumber('--seed', seed, 0, MAX_SEED);
      requireWholeNumber('--tasks', tasks, 1, 1_000_000);
      return true;
    })
    .epilogue(
      `Bugs for --plant:\n${MUTANTS.map(({ name, description }) => `  ${name}: ${description}`).join('\n')}`,
    )
    .version(false)
    .strict()
    .showHelpOnFail(false, '--help lists what there is.')
    .parseSync();
  const { seed, from = 1, seeds = DEFAULT_SEEDS } = flags;
  return {
    seeds: seed === undefined ? Array.from({ length: seeds }, (_, index) => from + index) : [seed],
    tasks: flags.tasks,
    losses: flags.losses,
    mutant: flags.plant === undefined ? undefined : findMutant(flags.plant),
    trace: seed !== undefined,
  };
}

function requireWholeNumber(flag: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Error(`${flag}: expected a whole number from ${min} to ${max}`);
}
