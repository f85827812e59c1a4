/**
 * What a function is: a module whose default export is a `FunctionModule`. The runtime imports it in a process of its
 * own, loads it once, and then gives it lists of inputs, one list at a time unless it can take more.
 */
import type { FunctionOutcome } from '../../../contracts/worker/invoke.js';

export interface FunctionModule {
  /**
   * Makes ready what `run` needs. `options` come from the composition root and travel to it as JSON.
   * What it throws stops the start; the message says why and what to do.
   */
  load(options: unknown): Promise<LoadedFunction>;
}

export interface LoadedFunction {
  /** The model's name, for people. */
  readonly model: string;
  /** How many lists it wants to have at the same time, 1 where absent: it may run what fits together. */
  readonly listsAtOnce?: number;
  /** One outcome for each input, in their order. One bad input fails alone. */
  run(inputs: readonly string[]): Promise<FunctionRun>;
}

export interface FunctionRun {
  readonly outcomes: readonly FunctionOutcome[];
  readonly tokenizeMs: number;
  readonly computeMs: number;
  /** Tokens of the inputs, and what they came to when padded; absent where a function has no such thing. */
  readonly tokens?: number;
  readonly paddedTokens?: number;
}
