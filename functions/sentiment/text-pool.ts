/**
 * Where the texts of several lists wait for the model together. The more texts there are to choose from, the less
 * padding a run has: with two lists of 32 in the pool a text costs 4 % less than with one. The oldest list always goes
 * first; what else fits beside its texts goes with them.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { toMicroBatches, type Tokenized } from './micro-batches.js';

export type RunModel = (rows: readonly (readonly number[])[]) => Promise<readonly Float32Array[]>;

/** Told once for each text: its logits, or why there are none. */
export type OnAnswer = (index: number, answer: Float32Array | Error) => void;

export interface ListRun {
  /** The time of the runs that held a text of the list. */
  readonly computeMs: number;
  /** The tokens of the list's texts, each as long as the longest of its run. */
  readonly paddedTokens: number;
}

interface List {
  readonly onAnswer: OnAnswer;
  readonly resolve: (run: ListRun) => void;
  left: number;
  computeMs: number;
  paddedTokens: number;
}

interface Row extends Tokenized {
  readonly list: List;
}

export class TextPool {
  readonly #runModel: RunModel;
  readonly #lists: List[] = [];
  #rows: Row[] = [];
  #isRunning = false;

  constructor(runModel: RunModel) {
    this.#runModel = runModel;
  }

  /** Never rejects. */
  run(texts: readonly Tokenized[], onAnswer: OnAnswer): Promise<ListRun> {
    if (texts.length === 0) return Promise.resolve({ computeMs: 0, paddedTokens: 0 });
    return new Promise((resolve) => {
      const list: List = { onAnswer, resolve, left: texts.length, computeMs: 0, paddedTokens: 0 };
      this.#lists.push(list);
      this.#rows.push(...texts.map((text) => ({ ...text, list })));
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (let oldest = this.#lists[0]; oldest !== undefined; oldest = this.#lists[0]) {
      await this.#runTogether(this.#takeBeside(oldest));
      this.#resolveFinished();
      await turnOfTheLoop(); // a run blocks it, and another list may have come
    }
    this.#isRunning = false;
  }

  #takeBeside(list: List): readonly Row[] {
    const batches = toMicroBatches(this.#rows);
    const batch = batches.find((rows) => rows.some((row) => row.list === list)) ?? [];
    const taken = new Set(batch);
    this.#rows = this.#rows.filter((row) => !taken.has(row));
    return batch;
  }

  async #runTogether(rows: readonly Row[]): Promise<void> {
    const lists = new Set(rows.map(({ list }) => list));
    const startedAtMs = performance.now();
    try {
      const logits = await this.#runModel(rows.map(({ tokenIds }) => tokenIds));
      rows.forEach((row, index) => answer(row, logits[index] ?? new Error('the model gave no answer')));
    } catch (error) {
      // A failure of one list must not fail another.
      if (lists.size > 1) return this.#runApart(rows, lists);
      for (const row of rows) answer(row, error instanceof Error ? error : new Error(String(error)));
    }
    for (const list of lists) list.computeMs += performance.now() - startedAtMs;
    const longest = rows.reduce((most, { tokenIds }) => Math.max(most, tokenIds.length), 0);
    for (const { list } of rows) list.paddedTokens += longest;
  }

  async #runApart(rows: readonly Row[], lists: ReadonlySet<List>): Promise<void> {
    for (const list of lists) await this.#runTogether(rows.filter((row) => row.list === list));
  }

  #resolveFinished(): void {
    const finished = this.#lists.filter(({ left }) => left === 0);
    for (const list of finished) {
      this.#lists.splice(this.#lists.indexOf(list), 1);
      list.resolve({ computeMs: list.computeMs, paddedTokens: list.paddedTokens });
    }
  }
}

function answer({ list, index }: Row, logits: Float32Array | Error): void {
  list.left -= 1;
  list.onAnswer(index, logits);
}
