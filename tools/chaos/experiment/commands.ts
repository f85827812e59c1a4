/** `run` and `experiments`, to be plugged into `npm run chaos`. */
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { messageOf } from '../../../contracts/text.js';
import { projectRoot } from '../../../infra/process/project-root.js';
import { conduct, type ConductorParts } from './conduct.js';
import type { Journal } from './journal.js';
import { findExperiment, listShipped } from './shipped.js';
import { printSummary } from './summary.js';
import { EXIT_CODES, exitCodeOfVerdict } from './verdict.js';

export interface ExperimentCommandParts extends ConductorParts {
  /** From the call on, Ctrl-C fires it: the experiment is stopped and what it broke is healed. */
  readonly listenForStop: () => AbortSignal;
  readonly printError: (line: string) => void;
  readonly onExitCode: (code: number) => void;
}

interface RunFlags {
  readonly experiment: readonly string[];
  readonly start: boolean;
  readonly out: string;
  /** Of all verbs. */
  readonly data?: string;
}

export function runCommand(parts: ExperimentCommandParts): CommandModule<object, RunFlags> {
  return {
    command: 'run <experiment..>',
    describe: 'runs experiments: YAML files, or shipped ones by name',
    builder: (command) =>
      command
        .positional('experiment', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'a file, the name of a shipped experiment, or all',
        })
        .option('start', {
          type: 'boolean',
          default: false,
          describe: 'each on a system of its own: free ports, its own data, stopped after',
        })
        .option('out', {
          type: 'string',
          requiresArg: true,
          default: join(projectRoot, '.boomerang', 'chaos'),
          defaultDescription: '.boomerang/chaos in the project',
          describe: 'where journal, report and picture are written',
        }),
    handler: async (flags) => parts.onExitCode(await runAll(flags, parts)),
  };
}

export function listCommand({ print }: Pick<ExperimentCommandParts, 'print'>): CommandModule {
  return {
    command: 'experiments',
    describe: 'lists the shipped experiments',
    handler: async () => {
      const shipped = await listShipped();
      const width = Math.max(...shipped.map(({ name }) => name.length));
      for (const { name, description } of shipped) print(`${name.padEnd(width)}  ${description}`);
      print('\nnpm run chaos -- run NAME --start');
    },
  };
}

/** The worst of all exit codes: could not run is no proof, but broken is one of the contrary. */
async function runAll(flags: RunFlags, parts: ExperimentCommandParts): Promise<number> {
  const stop = parts.listenForStop();
  const files = await filesOf(flags.experiment);
  const journals: Journal[] = [];
  let couldNotRun = false;
  for (const file of files) {
    if (stop.aborted) break;
    try {
      const { start, out, data } = flags;
      journals.push(await conduct({ file, start, out, data }, parts, stop));
    } catch (error) {
      parts.printError(messageOfWhole(error));
      couldNotRun = true;
    }
  }
  if (files.length > 1) for (const line of printSummary(journals)) parts.print(line);
  const codes = journals.map(({ verdict }) => exitCodeOfVerdict(verdict));
  if (codes.includes(EXIT_CODES.broken)) return EXIT_CODES.broken;
  return couldNotRun || journals.length < files.length ? EXIT_CODES['could not run'] : Math.max(0, ...codes);
}

async function filesOf(names: readonly string[]): Promise<readonly string[]> {
  if (names.includes('all')) return (await listShipped()).map(({ file }) => file);
  return Promise.all(names.map(findExperiment));
}

/** Mistakes of a file are many lines, of which none may be cut. */
function messageOfWhole(error: unknown): string {
  return error instanceof Error ? error.message : messageOf(error);
}
