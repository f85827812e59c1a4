/**
 * The bare model: what the machine could do if there were no system around it. One process a core, each classifying
 * the same sentences over and over, tokenizing included.
 */
import type { SentimentOptions } from '../functions/sentiment/function.js';
import { startBareProcess, type BareProcess } from '../tools/kit/bare-model/bare-process.js';
import type { Answer } from './answers.js';
import { sum } from './statistics.js';

export interface BareMeasurement {
  readonly textsPerSecond: number;
  readonly cpuMsPerText: number;
}

export interface BareModel {
  /** To all example sentences, in their order. */
  answers(): Promise<readonly Answer[]>;
  measure(durationMs: number): Promise<BareMeasurement>;
  stop(): Promise<void>;
}

export async function startBareModel(
  processCount: number,
  options: SentimentOptions,
  signal: AbortSignal,
): Promise<BareModel> {
  const starting = Array.from({ length: processCount }, () => startBareProcess(options, signal));
  const started = await Promise.allSettled(starting);
  const processes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((each) => each.stop()));
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed === undefined)
    return { answers: () => answers(processes), measure: measureAll(processes), stop };
  await stop();
  throw failed.reason;
}

async function answers([first]: readonly BareProcess[]): Promise<readonly Answer[]> {
  if (first === undefined) throw new RangeError('there is no process to answer');
  return (await first.answer()).answers;
}

function measureAll(processes: readonly BareProcess[]) {
  return async (durationMs: number): Promise<BareMeasurement> => {
    const measured = await Promise.all(processes.map((each) => each.measure(durationMs)));
    return {
      textsPerSecond: sum(measured.map(({ texts, elapsedMs }) => (texts * 1000) / elapsedMs)),
      cpuMsPerText: sum(measured.map(({ cpuMs }) => cpuMs)) / sum(measured.map(({ texts }) => texts)),
    };
  };
}
