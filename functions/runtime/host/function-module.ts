/**
 * A function is a module whose default export is a `FunctionModule`. The runtime imports it in a process of its own, loads it
 * once, and passes it lists of inputs, one list at a time unless it accepts more.
 */
import type { FunctionOutcome } from '../../../contracts/worker/invoke.js';

export interface FunctionModule {
  /**
   * Prepares what `run` needs. `options` come from the composition root as JSON.
   * An error stops the start of the worker. Its message says why and what to do.
   */
  load(options: unknown): Promise<LoadedFunction>;
}

export interface LoadedFunction {
  /** The model's name, for people. */
  readonly model: string;
  /** How many lists the function accepts at the same time, so that it can run them together. Default: 1. */
  readonly listsAtOnce?: number;
  /** Returns one outcome for each input, in their order. A bad input fails alone. */
  run(inputs: readonly string[]): Promise<FunctionRun>;
}

export interface FunctionRun {
  readonly outcomes: readonly FunctionOutcome[];
  readonly tokenizeMs: number;
  readonly computeMs: number;
  /** Tokens of the inputs, and what they came to when padded; absent if the function does not count tokens. */
  readonly tokens?: number;
  readonly paddedTokens?: number;
}
