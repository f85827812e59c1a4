/**
 * WordPiece as @xenova/transformers does it, token for token, in time that is bounded by the text's length. The original tries
 * every substring of a word, so that words of a hundred letters which end in an unknown one cost a hundred times what prose does.
 */
import { z } from 'zod';

const modelSchema = z.object({
  config: z.object({ type: z.literal('WordPiece'), continuing_subword_prefix: z.string().min(1) }),
  vocab: z.array(z.string()),
  unk_token: z.string(),
  max_input_chars_per_word: z.number(),
});

export type SplitWords = (words: readonly string[]) => string[];

/** The same as the model's own `encode`; `undefined` where the model is no WordPiece. */
export function boundedWordPiece(model: unknown): SplitWords | undefined {
  const parsed = modelSchema.safeParse(model);
  if (!parsed.success) return undefined;
  const { config, vocab, unk_token: unknown, max_input_chars_per_word: maxLength } = parsed.data;
  const prefix = config.continuing_subword_prefix;
  const first = new Pieces(vocab, '');
  const later = new Pieces(vocab, prefix);

  const split = (word: string): string[] => {
    const offsets = offsetsOf(word);
    const length = offsets.length - 1;
    if (length > maxLength || !later.canReach(word, offsets, first.longest)) return [unknown];
    const pieces: string[] = [];
    for (let start = 0; start < length;) {
      const known = start === 0 ? first : later;
      const end = known.endOfLongest(word, offsets, start);
      if (end === undefined) return [unknown];
      pieces.push(`${start === 0 ? '' : prefix}${word.slice(offsets[start], offsets[end])}`);
      start = end;
    }
    return pieces;
  };
  return (words) => words.flatMap(split);
}

/** Pieces of words that a vocabulary knows, those at the beginning or those after it. */
class Pieces {
  readonly #pieces = new Set<string>();
  readonly #characters = new Set<string>();
  /** The length of the longest piece that begins with these two characters. */
  readonly #longestByStart = new Map<string, number>();
  longest = 0;

  constructor(vocab: readonly string[], prefix: string) {
    for (const token of vocab) {
      if (token.startsWith(prefix)) this.#add(token.slice(prefix.length));
    }
  }

  /** Where the longest piece ends that stands in the word from there on. */
  endOfLongest(word: string, offsets: readonly number[], start: number): number | undefined {
    const beginning = word.slice(offsets[start], offsets[start + 2]);
    const longest = this.#longestByStart.get(beginning) ?? 1;
    for (let end = Math.min(start + longest, offsets.length - 1); end > start; end -= 1) {
      if (this.#pieces.has(word.slice(offsets[start], offsets[end]))) return end;
    }
    return undefined;
  }

  /** Whether every character after the first so many occurs in a piece: else the word cannot be made of pieces. */
  canReach(word: string, offsets: readonly number[], from: number): boolean {
    for (let at = from; at < offsets.length - 1; at += 1) {
      if (!this.#characters.has(word.slice(offsets[at], offsets[at + 1]))) return false;
    }
    return true;
  }

  #add(piece: string): void {
    const characters = Array.from(piece);
    const start = characters.slice(0, 2).join('');
    this.#pieces.add(piece);
    for (const character of characters) this.#characters.add(character);
    this.#longestByStart.set(start, Math.max(this.#longestByStart.get(start) ?? 0, characters.length));
    this.longest = Math.max(this.longest, characters.length);
  }
}

/** Where each character begins, and where the last one ends. */
function offsetsOf(word: string): readonly number[] {
  const offsets = [0];
  let at = 0;
  for (const character of word) offsets.push((at += character.length));
  return offsets;
}
