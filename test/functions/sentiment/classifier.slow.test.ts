import type { Answer } from '../../../contracts/worker/invoke.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundledModelFolder } from '../../../functions/sentiment/bundled-model.js';
import { loadClassifier, type Classifier } from '../../../functions/sentiment/classifier.js';
import { readSentences } from '../../../tools/examples/sentences.js';

let classifier: Classifier;
beforeAll(async () => {
  classifier = await loadClassifier(bundledModelFolder());
});

async function classify(...texts: readonly string[]): Promise<readonly Answer[]> {
  const { results } = await classifier.classify(texts);
  return results.map((result) => {
    if ('error' in result) throw new Error(result.error);
    return result;
  });
}

describe('the bundled model', () => {
  it.each([
    ['I love this little coffee machine.', 'POSITIVE'],
    ['A warm, funny and beautifully acted film.', 'POSITIVE'],
    ['What a waste of time and money.', 'NEGATIVE'],
    ['The room was dirty and the staff were rude.', 'NEGATIVE'],
  ])('finds %j %s', async (text, label) => {
    const [result] = await classify(text);
    expect(result).toMatchObject({ label });
    expect(result?.score).toBeGreaterThan(0.7);
    expect(result?.score).toBeLessThanOrEqual(1);
  });

  it('finds in every example what its label says, so that a wrong answer is the fault of the system', async () => {
    const sentences = readSentences();
    const wrong: string[] = [];
    for (let start = 0; start < sentences.length; start += 32) {
      const some = sentences.slice(start, start + 32);
      const found = await classify(...some.map(({ text }) => text));
      wrong.push(...some.flatMap(({ text, label }, index) => (found[index]?.label === label ? [] : text)));
    }
    expect(wrong).toEqual([]);
  });

  it('gives the same text the same answer, whatever its batch', async () => {
    const texts = readSentences()
      .slice(0, 96)
      .map(({ text }) => text);
    const alone = await Promise.all(texts.map(async (text) => (await classify(text))[0]));
    const orders = [texts, texts.toReversed(), texts.toSorted((a, b) => a.length - b.length)];
    for (const order of orders) {
      const together = await classify(...order);
      order.forEach((text, index) => {
        const expected = alone[texts.indexOf(text)];
        expect(together[index]?.label).toBe(expected?.label);
        expect(Math.abs((together[index]?.score ?? 0) - (expected?.score ?? 1))).toBeLessThan(1e-5);
      });
    }
  });

  it('answers whatever is written, without disturbing its neighbors', async () => {
    const odd = [
      '😀🎉 wunderbar 👩‍👩‍👧',
      'שלום, זה נהדר',
      'a\0b',
      '\ud83d',
      '\u0301\u0302',
      '[SEP] [CLS]',
      '\u0000',
      '好'.repeat(300),
    ];
    const neighbor = 'I love this';
    const results = await classify(neighbor, ...odd);
    expect(results).toHaveLength(odd.length + 1);
    for (const { score } of results) expect(score).toBeGreaterThanOrEqual(0.5);
    expect(results[0]).toEqual((await classify(neighbor))[0]);
  });

  it.each([
    ['words', 'good '.repeat(2000)],
    ['one word', 'a'.repeat(10_000)],
    ['punctuation', '!'.repeat(10_000)],
    ['nonsense words', `${'qzxj'.repeat(24)} `.repeat(103)],
  ])('answers 10,000 characters of %s in bounded time', async (_, text) => {
    const startedAtMs = performance.now();
    const [result] = await classify(text);
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(result?.tokens).toBeLessThanOrEqual(512);
  });

  it('counts real tokens, the special ones included', async () => {
    const [short, long] = await classify('good', 'good '.repeat(40));
    expect(short?.tokens).toBe(3);
    expect(long?.tokens).toBe(42);
  });

  it('has nothing to say to nothing', async () => {
    expect(await classify()).toEqual([]);
  });
});
