/** The texts of each request, drawn from a pool by seed. */
import { SeededRandom } from '../../../infra/process/seeded-random.js';

export interface TextsPlan<Text> {
  readonly pool: readonly Text[];
  readonly seed: number;
  /** Texts of each request, drawn evenly from this range, both ends included. */
  readonly textsPerRequest: { readonly min: number; readonly max: number };
}

/** The texts of so many requests, always the same for the same seed. */
export function planTexts<Text>(count: number, plan: TextsPlan<Text>): readonly (readonly Text[])[] {
  const next = textSource(plan);
  return Array.from({ length: count }, next);
}

/** The same, one request after the other, where nobody knows how many there will be. */
export function textSource<Text>({ pool, seed, textsPerRequest }: TextsPlan<Text>): () => readonly Text[] {
  const random = new SeededRandom(seed).fork('texts');
  const { min, max } = textsPerRequest;
  const pick = (): Text => {
    const text = pool[random.below(pool.length)];
    if (text === undefined) throw new RangeError('there are no texts to ask');
    return text;
  };
  return () => Array.from({ length: min + random.below(max - min + 1) }, pick);
}
