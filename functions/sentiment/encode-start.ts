/** Longer than most texts, and enough for a small model's maximum in most languages. */
const FIRST_LOOK_CHARACTERS = 2500;

/**
 * The first `maxTokens` tokens, without looking at more of a long text than it takes: a tokenizer can need a second
 * for 10,000 characters of nonsense words, whose tokens would then be cut off. Texts are cut between words only.
 */
export function encodeStart(
  text: string,
  encode: (text: string) => readonly number[],
  maxTokens: number,
): readonly number[] {
  for (let look = FIRST_LOOK_CHARACTERS; look < text.length; look *= 2) {
    const end = endOfWord(text, look);
    if (end === text.length) break; // one word to the end: nothing is gained by looking twice
    const tokens = encode(text.slice(0, end));
    // The last one may be a mark of the end, which the whole text has elsewhere.
    if (tokens.length > maxTokens) return tokens.slice(0, maxTokens);
  }
  return encode(text).slice(0, maxTokens);
}

function endOfWord(text: string, from: number): number {
  const blanks = /\s/g;
  blanks.lastIndex = from;
  return blanks.exec(text)?.index ?? text.length;
}
