import { basename, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { AutoTokenizer, env } from '@xenova/transformers';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_TEXT_LENGTH } from '../../../contracts/http/api.js';
import { bundledModelFolder } from '../../../functions/sentiment/bundled-model.js';
import { loadTokenizer, type Tokenizer } from '../../../functions/sentiment/tokenizer.js';
import { readSentences } from '../../../tools/examples/sentences.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';

const MAX_TOKENS = 512;
const PROSE = 'The film was good and the actors did well, but I would not see it again. ';
const full = (text: string): string => text.repeat(MAX_TEXT_LENGTH).slice(0, MAX_TEXT_LENGTH);
const random = new SeededRandom(7);
const drawn = (alphabet: string, length: number): string => {
  const characters = Array.from(alphabet);
  return Array.from({ length }, () => characters[Math.floor(random.next() * characters.length)]).join('');
};

/** Each of them 10,000 characters that have been, or might be, slow. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['words of 99 letters, the last one unknown', full(`${'a'.repeat(98)}ꙮ `)],
  ['words of 99 letters', full(`${drawn('abcdefghijklmnop', 99)} `)],
  ['words of 101 letters', full(`${drawn('abcdefghij', 101)} `)],
  ['words of 50 rare letters', full(`${drawn('qzxjkv', 50)} `)],
  ['one giant word', full('x')],
  ['one giant unknown word', full('ꙮ')],
  ['unknown words', full('ꙮꙮꙮ ')],
  ['random letters', drawn('abcdefghijklmnopqrstuvwxyz', MAX_TEXT_LENGTH)],
  ['random words', drawn('abcdefghijklmnopqrstuvwxyz     ', MAX_TEXT_LENGTH)],
  ['random characters', drawn('aZé漢한ꙮ😀𠀀\u0301\u0323\u034f\u05b0\u200d !?[]#İΣ\u0001', 8000)],
  ['known emoji', full('😀')],
  ['unknown emoji', full('🦖')],
  ['joined emoji', full('👨\u200d👩\u200d👧')],
  ['accents', full('a\u0301\u0301\u0301\u0301')],
  ['nothing but accents', full('\u0301')],
  ['accents that have to be sorted', full('\u0301\u0323\u0327')],
  ['accents around one that stays', full('\u0301\u0323\u034f\u0345\u0327')],
  ['other marks that have to be sorted', full('\u0591\u05a3\u1dc2\u20e8\u064b')],
  ['short runs of such marks', full('e\u0591\u05a3\u1dc2\u0301\u0323 ')],
  ['composed letters', full('ǻṩệ ')],
  ['punctuation', full('!?.,;:')],
  ['CJK', full('漢字')],
  ['beyond the BMP', full('𠀀')],
  ['hangul', full('한국어 ')],
  ['arabic ligatures', full('ﷺ ')],
  ['control characters', full('\u0001')],
  ['letters that grow', full('İ')],
  ['special tokens', full('[MASK]')],
  ['half special tokens', full('[MASK')],
  ['pieces as they are written', full('##ing')],
];

describe('the tokenizer', () => {
  let tokenizer: Tokenizer;
  let original: (text: string) => readonly number[];
  beforeAll(async () => {
    const folder = bundledModelFolder();
    tokenizer = await loadTokenizer(folder, MAX_TOKENS);
    env.localModelPath = dirname(folder);
    const bare = await AutoTokenizer.from_pretrained(basename(folder));
    const schema = z.object({ input_ids: z.array(z.number()) });
    original = (text) => schema.parse(bare(text, { return_tensor: false })).input_ids.slice(0, MAX_TOKENS);
  });

  it.each(TEXTS)('gives the same as the original: %s', (_name, text) => {
    for (const length of [1, 7, 1200, MAX_TEXT_LENGTH]) {
      const start = text.slice(0, length).toWellFormed();
      expect(tokenizer.encode(start)).toEqual(original(start));
    }
  });

  it('gives the same as the original for every example', () => {
    for (const { text } of readSentences()) expect(tokenizer.encode(text)).toEqual(original(text));
  });

  it('needs for no text much more than for prose', () => {
    const fastestMs = (text: string): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const startedAtMs = performance.now();
          tokenizer.encode(text);
          return performance.now() - startedAtMs;
        }),
      );
    // Prose is long enough after a quarter of its characters: what all of them would take is the measure.
    const proseMs = 4 * fastestMs(full(PROSE));
    const slow = TEXTS.map(([name, text]) => ({ name, ratio: fastestMs(text) / proseMs }));
    expect(slow.filter(({ ratio }) => ratio > 20)).toEqual([]);
  });
});
