/** One whole run: starts both sides, measures them in turns, and stops them whatever happens. */
import { availableParallelism } from 'node:os';
import { readSentences } from '../tools/examples/sentences.js';
import { startBareModel, type BareModel } from './bare-model.js';
import { watchBystanders } from './bystanders.js';
import type { BenchConfig } from './config.js';
import { describeShape, type LoadShape, type LoadTarget } from './load.js';
import { describeMachine } from './machine.js';
import { measureBare } from './measure-bare.js';
import { measureSystem, warmUpSystem } from './measure-system.js';
import { createReport, type Report } from './report.js';
import { measureRounds, type Measurements } from './rounds.js';
import { startCopy, type StartedCopy } from '../tools/kit/system/start-copy.js';

export interface BenchResult {
  readonly report: Report;
  /** Some of what went wrong, in words. */
  readonly complaints: readonly string[];
  /** Its latest lines. */
  readonly systemOutput: string;
}

export type Progress = (line: string) => void;

const ARRAYS: LoadShape = { clients: 12, textsPerRequest: 32 };
/** One client finds the system with nothing else to do: what it waits is the idle latency. */
const IDLE: LoadShape = { clients: 1, textsPerRequest: 1 };

export async function runBench(
  config: BenchConfig,
  signal: AbortSignal,
  progress: Progress,
): Promise<BenchResult> {
  progress('loading the bare model');
  const bareModel = await startBareModel(availableParallelism(), config.model, signal);
  try {
    progress('starting the system');
    const system = await startCopy(
      { environment: config.systemEnvironment, flags: ['--faults', 'none'] },
      signal,
    );
    try {
      return await measure(config, bareModel, system, signal, progress);
    } catch (error) {
      throw new Error(`${String(error)}\nthe system said: ${system.recentOutput()}`, { cause: error });
    } finally {
      await system.stop();
    }
  } finally {
    await bareModel.stop();
  }
}

async function measure(
  config: BenchConfig,
  bareModel: BareModel,
  system: StartedCopy,
  signal: AbortSignal,
  progress: Progress,
): Promise<BenchResult> {
  const target = await createTarget(config, bareModel, system);
  const machine = describeMachine();
  const shapes = shapesOf(config);
  const measurements: Measurements = {
    bare: () => {
      progress('measuring the bare model');
      return measureBare(bareModel, system.pid, machine.cores, config.durationMs);
    },
    system: (shape) => {
      progress(`measuring ${describeShape(shape)}`);
      return measureSystem(shape, target, config.durationMs, signal);
    },
  };
  progress('warming up');
  await warmUpSystem(target, signal);
  const bystanderCores = await watchBystanders();
  const rounds = await measureRounds(config.rounds, shapes, measurements);
  return {
    report: createReport(machine, await bystanderCores(), shapes, rounds),
    complaints: rounds.systemRuns.flatMap(({ errors }) => errors.complaints),
    systemOutput: system.recentOutput(),
  };
}

async function createTarget(
  { check }: BenchConfig,
  bareModel: BareModel,
  { url, pid }: StartedCopy,
): Promise<LoadTarget & { readonly pid: number }> {
  const texts = readSentences().map(({ text }) => text);
  return { url, pid, texts, expected: check ? await bareModel.answers() : undefined };
}

function shapesOf({ clients }: BenchConfig): readonly LoadShape[] {
  const loaded = clients.filter((count) => count !== IDLE.clients);
  return [...loaded.map((count) => ({ clients: count, textsPerRequest: 1 })), ARRAYS, IDLE];
}
