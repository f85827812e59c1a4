/** What each request asks: texts of a pool, drawn by seed. */
import { SeededRandom } from '../../infra/process/seeded-random.js';

export interface TextsPlan {
  readonly pool: readonly string[];
  readonly seed: number;
  /** Of each request, drawn evenly between the two, both included. */
  readonly textsPerRequest: { readonly min: number; readonly max: number };
}

/** The texts of so many requests, always the same for the same seed. */
export function planTexts(
  count: number,
  { pool, seed, textsPerRequest }: TextsPlan,
): readonly (readonly string[])[] {
  const random = new SeededRandom(seed).fork('texts');
  const { min, max } = textsPerRequest;
  const pick = (): string => {
    const text = pool[random.below(pool.length)];
    if (text === undefined) throw new RangeError('there are no texts to ask');
    return text;
  };
  return Array.from({ length: count }, () => Array.from({ length: min + random.below(max - min + 1) }, pick));
}
