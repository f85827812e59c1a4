/** `run` and `experiments`, to be plugged into `npm run chaos`. */
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { messageOf } from '../../../contracts/common/text.js';
import { NothingRunsError, type SystemChoice } from '../../kit/system/system.js';
import { runExperimentFile, type FinishedExperiment, type RunFileParts } from './run-experiment-file.js';
import { findExperiment, listShipped } from '../definition/shipped.js';
import { jsonOfRuns, jsonOfShipped } from './json.js';
import { claimSystem } from './claim-system.js';
import { printSummary } from './summary.js';
import { EXIT_CODES, exitCodeOfVerdict } from '../checks/verdict.js';

export interface ExperimentCommandParts extends RunFileParts {
  /** From the call on, Ctrl-C fires it: the experiment is stopped and what it broke is healed. */
  readonly listenForStop: () => AbortSignal;
  readonly printError: (line: string) => void;
  /** Where the system that `--data` names keeps its things. */
  readonly dataFolder: (data: string | undefined) => string;
  readonly onExitCode: (code: number) => void;
}

/** Within the data folder. */
const REPORTS = 'chaos';

interface RunFlags {
  readonly experiment: readonly string[];
  readonly start: boolean;
  readonly anyway: boolean;
  readonly out: string | undefined;
  /** The flags of all verbs. */
  readonly data?: string | undefined;
  readonly containers?: boolean;
  readonly json?: boolean;
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
        .option('anyway', {
          type: 'boolean',
          default: false,
          describe: 'also on a running system with other settings than those it is written for',
        })
        .option('out', {
          type: 'string',
          requiresArg: true,
          defaultDescription: 'chaos in the data folder',
          describe: 'where journal, report and picture are written',
        }),
    handler: async (flags) => parts.onExitCode(await runAll(flags, parts)),
  };
}

export function listCommand({
  print,
}: Pick<ExperimentCommandParts, 'print'>): CommandModule<object, { readonly json?: boolean }> {
  return {
    command: 'experiments',
    describe: 'lists the shipped experiments',
    handler: async ({ json = false }) => {
      const shipped = await listShipped();
      if (json) {
        print(JSON.stringify(jsonOfShipped(shipped)));
        return;
      }
      const width = Math.max(...shipped.map(({ name }) => name.length));
      for (const { name, experiment } of shipped) print(`${name.padEnd(width)}  ${experiment.description}`);
      print('\nnpm run chaos -- run NAME --start');
    },
  };
}

async function runAll(flags: RunFlags, parts: ExperimentCommandParts): Promise<number> {
  const reports = join(parts.dataFolder(flags.data), REPORTS);
  const out = flags.out ?? reports;
  if (flags.start) return runEach(flags, out, parts.listenForStop(), parts);
  await requireRunningSystem(parts, flags);
  const stop = parts.listenForStop(); // before the claim: who is stopped gives it back
  const giveBack = await claimSystem(reports, flags.experiment.join(' '));
  try {
    return await runEach(flags, out, stop, parts);
  } finally {
    await giveBack();
  }
}

/** The worst of all exit codes: could not run is no proof, but broken is one of the contrary. */
async function runEach(
  flags: RunFlags,
  out: string,
  stop: AbortSignal,
  parts: ExperimentCommandParts,
): Promise<number> {
  const { start, anyway, data, containers, json = false } = flags;
  const choice = { data, containers };
  const print = json ? parts.printError : parts.print; // for programs the last line alone
  const files = await filesOf(flags.experiment);
  const runs: FinishedExperiment[] = [];
  let couldNotRun = false;
  for (const file of files) {
    if (stop.aborted) break;
    try {
      runs.push(await runExperimentFile({ file, start, anyway, out, choice }, { ...parts, print }, stop));
    } catch (error) {
      parts.printError(fullMessageOf(error));
      couldNotRun = true;
    }
  }
  const journals = runs.map(({ journal }) => journal);
  if (files.length > 1) for (const line of printSummary(journals)) print(line);
  if (json) parts.print(JSON.stringify(jsonOfRuns(runs)));
  const codes = journals.map(({ verdict }) => exitCodeOfVerdict(verdict));
  if (codes.includes(EXIT_CODES.broken)) return EXIT_CODES.broken;
  return couldNotRun || journals.length < files.length ? EXIT_CODES['could not run'] : Math.max(0, ...codes);
}

/** @throws NothingRunsError */
async function requireRunningSystem(
  { connect }: ExperimentCommandParts,
  { data, containers }: SystemChoice,
): Promise<void> {
  try {
    await connect({ data, containers });
  } catch (error) {
    if (!(error instanceof NothingRunsError)) throw error;
    throw new NothingRunsError(
      `${error.message}; or let the experiment start a copy of its own, stopped after: --start`,
    );
  }
}

async function filesOf(names: readonly string[]): Promise<readonly string[]> {
  if (names.includes('all')) return (await listShipped()).map(({ file }) => file);
  return Promise.all(names.map(findExperiment));
}

/** Mistakes of a file are many lines, of which none may be cut. */
function fullMessageOf(error: unknown): string {
  return error instanceof Error ? error.message : messageOf(error);
}
