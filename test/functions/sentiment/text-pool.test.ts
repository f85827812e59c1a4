import { describe, expect, it } from 'vitest';
import { TextPool, type OnAnswer } from '../../../functions/sentiment/text-pool.js';

type Rows = readonly (readonly number[])[];

/** A model whose runs end when the test says so; the answer to a row is its first token. */
class ManualModel {
  readonly runs: Rows[] = [];
  /** Runs that hold this token fail. */
  poison?: number;
  readonly #ends: (() => void)[] = [];

  readonly run = async (rows: Rows): Promise<Float32Array[]> => {
    this.runs.push(rows);
    await new Promise<void>((resolve) => this.#ends.push(resolve));
    if (rows.some(([token]) => token === this.poison)) throw new Error('poisoned');
    return rows.map(([token]) => Float32Array.of(token ?? 0));
  };

  async endRun(): Promise<void> {
    this.#ends.shift()?.();
    await turn();
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
/** Texts of the lengths given; their tokens are `token`. */
const texts = (token: number, ...lengths: number[]) =>
  lengths.map((length, index) => ({ index, tokenIds: Array.from({ length }, () => token) }));
const lengthsOf = (rows: Rows | undefined) => rows?.map((row) => row.length);

describe('TextPool', () => {
  it('answers every text of a list, and says how long its runs took and what padding came to', async () => {
    const answers: unknown[] = [];
    const pool = new TextPool((rows) => Promise.resolve(rows.map(([token]) => Float32Array.of(token ?? 0))));
    const run = await pool.run(texts(7, 3, 90, 4), (index, answer) => (answers[index] = answer));
    expect(answers).toEqual([Float32Array.of(7), Float32Array.of(7), Float32Array.of(7)]);
    expect(run.computeMs).toBeGreaterThanOrEqual(0);
    expect(run.paddedTokens).toBe(4 + 90 + 4); // 3 and 4 run together
    expect(await pool.run([], () => undefined)).toEqual({ computeMs: 0, paddedTokens: 0 });
  });

  it('fills the runs of the oldest list with what fits from another', async () => {
    const model = new ManualModel();
    const pool = new TextPool(model.run);
    const seen: number[] = [];
    const note: OnAnswer = (_, answer) => void seen.push(answer instanceof Error ? -1 : (answer[0] ?? 0));
    const first = pool.run(texts(1, 10, 100), note);
    const second = pool.run(texts(2, 10, 100, 250), note);
    expect(lengthsOf(model.runs[0])).toEqual([10]); // alone, since the second was not there yet
    await model.endRun();
    expect(lengthsOf(model.runs[1])).toEqual([100, 100]);
    expect(model.runs[1]?.map(([token]) => token)).toEqual([1, 2]);
    await model.endRun();
    await first;
    expect(seen).toEqual([1, 1, 2]);
    await model.endRun();
    await model.endRun();
    await second;
    expect(seen).toEqual([1, 1, 2, 2, 2]);
  });

  it('lets no list wait for one that came later', async () => {
    const model = new ManualModel();
    const pool = new TextPool(model.run);
    const ended: string[] = [];
    const lists = [
      pool.run(texts(1, 250, 251), () => undefined).then(() => ended.push('first')),
      pool.run(texts(2, 20, 21), () => undefined).then(() => ended.push('second')),
    ];
    for (let runs = 0; runs < 3; runs++) await model.endRun();
    await Promise.all(lists);
    expect(ended).toEqual(['first', 'second']);
  });

  it('fails a list that the model cannot run, and none that shared the run', async () => {
    const model = new ManualModel();
    model.poison = 13;
    const pool = new TextPool(model.run);
    const answers: Record<string, unknown> = {};
    const lists = Promise.all([
      pool.run(texts(1, 200), () => undefined),
      pool.run(texts(13, 10), (_, answer) => (answers['poisonous'] = answer)),
      pool.run(texts(2, 10), (_, answer) => (answers['neighbor'] = answer)),
    ]);
    for (let runs = 0; runs < 4; runs++) await model.endRun();
    await lists;
    expect(model.runs.map((rows) => rows.map(([token]) => token))).toEqual([[1], [13, 2], [13], [2]]);
    expect(answers).toEqual({ poisonous: new Error('poisoned'), neighbor: Float32Array.of(2) });
  });
});
