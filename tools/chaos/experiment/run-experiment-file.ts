/** An experiment from its file to its verdict: system, run, journal, report. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../../../contracts/settings/settings.js';
import { messageOf } from '../../../contracts/common/text.js';
import { readSentences } from '../../examples/sentences.js';
import { createHttpClient } from '../../../client/http.js';
import { startCopy, type StartedCopy } from '../../kit/system/start-copy.js';
import type { ChaosSystem, SystemChoice } from '../../kit/system/system.js';
import { askBareModel } from './ask-bare-model.js';
import type { ReadableStore } from './read-store.js';
import { journalOf, printJournal, type Journal } from './journal.js';
import { printEvent, printVerdict } from './live-view.js';
import { requireSettings } from './require-settings.js';
import { drawPicture } from './picture.js';
import { scaleTimeouts } from './scale-timeouts.js';
import { planLoad } from '../load/plan-load.js';
import { readExperiment } from '../definition/read-experiment.js';
import { printReport } from './report.js';
import type { RunInput } from './run-input.js';
import { runExperiment, type RunResult } from './run.js';
import type { Experiment } from '../definition/schema.js';

export interface OpenStore extends ReadableStore {
  close(): void;
}

export interface RunFileParts {
  /** The running system. @throws where there is none */
  readonly connect: (choice: SystemChoice) => Promise<ChaosSystem>;
  readonly connectStarted: (copy: StartedCopy) => Promise<ChaosSystem>;
  readonly openStore: (stackUrl: string, region?: string, accessKeyId?: string) => Promise<OpenStore>;
  /** As the sentiment function takes them: so that the bare model is the one that the workers run. */
  readonly modelOptions: unknown;
  readonly apiKey: string | undefined;
  /** The environment of a system that the experiment starts. */
  readonly environment: Environment;
  readonly print: (line: string) => void;
}

export interface RunFileOptions {
  readonly file: string;
  /** Starts a system of its own and stops it after. */
  readonly start: boolean;
  /** Also on a running system with other settings than the experiment's. */
  readonly anyway: boolean;
  readonly choice: SystemChoice;
  /** Where its folder is made. */
  readonly out: string;
}

export interface FinishedExperiment {
  readonly journal: Journal;
  /** Where its report lies. */
  readonly report: string;
}

type Named = Pick<RunInput, 'experiment' | 'runId'>;

const CONNECTIONS = 256;
/** Longer than the coordinator lets a client of an experiment wait. */
const TIMEOUT_BEYOND_WAIT_MS = 10_000;

/** @throws ExperimentSyntaxError and whatever keeps it from writing its results */
export async function runExperimentFile(
  options: RunFileOptions,
  parts: RunFileParts,
  signal: AbortSignal,
): Promise<FinishedExperiment> {
  const { print } = parts;
  const experiment = readExperiment(options.file, await readText(options.file));
  const startedAt = new Date();
  const named = { experiment, runId: `${experiment.name}-${startedAt.getTime().toString(36)}` };
  print(`${experiment.name}: ${experiment.description}`);
  const journal = journalOf(named, startedAt, await runOrExplain(named, options, parts, signal));
  const report = join(await write(journal, options.out), REPORT);
  for (const line of printVerdict(journal)) print(line);
  print(`  ${report}`);
  return { journal, report };
}

const sentences = () => readSentences().map(({ text }) => text);

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = isMissing ? 'there is no such file' : `as a file it cannot be read: ${messageOf(error)}`;
    throw new Error(
      `${file} is no shipped experiment (npm run chaos -- experiments lists them), and ${why}`,
      { cause: error },
    );
  }
}

async function runOrExplain(
  { experiment, runId }: Named,
  options: RunFileOptions,
  parts: RunFileParts,
  signal: AbortSignal,
): Promise<RunResult | Error> {
  try {
    return await withSystem(experiment, options, parts, signal, async (system) => {
      const patient = scaleTimeouts(experiment, system);
      if (system.timeoutFactor !== 1)
        parts.print(`  the same load, and all limits, over ${system.timeoutFactor} times as long here`);
      const requests = planLoad(patient.load, sentences());
      const http = createHttpClient({
        url: system.coordinatorUrl,
        connections: CONNECTIONS,
        timeoutMs: patient.load.wait + TIMEOUT_BEYOND_WAIT_MS,
        apiKey: parts.apiKey,
      });
      const store = await parts.openStore(system.stackUrl, system.stackRegion, system.stackAccessKeyId);
      try {
        const ports = { system, http, store, askBareModel: askBareModel(parts.modelOptions) };
        return await runExperiment({ experiment: patient, requests, runId }, ports, signal, (event) => {
          for (const line of printEvent(event)) parts.print(line);
        });
      } finally {
        store.close();
        await http.close();
      }
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

async function withSystem(
  experiment: Experiment,
  options: RunFileOptions,
  parts: RunFileParts,
  signal: AbortSignal,
  run: (system: ChaosSystem) => Promise<RunResult>,
): Promise<RunResult> {
  const { workers, settings } = experiment.system;
  if (!options.start) {
    const written = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const system = await parts.connect(options.choice);
    if (!options.anyway) requireSettings(experiment, system);
    else if (written.length > 0)
      parts.print(`  written for ${written.join(', ')}; a running system keeps its own`);
    return run(system);
  }
  parts.print('  starting a system of its own');
  const environment = { ...parts.environment, ...settings };
  const flags = ['--workers', String(workers), '--faults', settings['FAULTS'] ?? 'none'];
  const copy = await startCopy({ environment, flags }, signal);
  try {
    return await run(await parts.connectStarted(copy));
  } finally {
    await copy.stop();
  }
}

const REPORT = 'report.md';
const JOURNAL = 'journal.json';
const PICTURE = 'timeline.svg';

async function write(journal: Journal, out: string): Promise<string> {
  const folder = join(out, `${journal.name}-${journal.startedAt.replaceAll(/[:.]/g, '-')}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, JOURNAL), printJournal(journal));
  await writeFile(join(folder, REPORT), printReport(journal, { picture: PICTURE, journal: JOURNAL }));
  if (journal.findings !== undefined) {
    await writeFile(
      join(folder, PICTURE),
      drawPicture(`${journal.name}: ${journal.verdict.outcome}`, journal.findings),
    );
  }
  return folder;
}
