/**
 * How much a text gives a model to do, without its tokenizer: any language's, and cheap enough for every text that comes.
 * Alphabets take a token for about four characters; scripts that write a syllable or a word with each take one for each.
 */
const CHARACTERS_PER_TOKEN = 4;
/** Models of this kind read no further. */
const MAX_TOKENS = 512;
/** Those that open and close a text. */
const FRAME_TOKENS = 2;
/** From here on (Unicode): CJK radicals, kana, Han, Hangul; surrogates count half. */
const FIRST_DENSE_UNIT = 0x2e80;
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

export function estimateTokens(text: string): number {
  let tokens = FRAME_TOKENS;
  for (let index = 0; index < text.length && tokens < MAX_TOKENS; index += 1) {
    tokens += tokensOfUnit(text.charCodeAt(index));
  }
  return Math.min(Math.ceil(tokens), MAX_TOKENS);
}

function tokensOfUnit(unit: number): number {
  if (isSurrogate(unit)) return 0.5;
  return unit >= FIRST_DENSE_UNIT ? 1 : 1 / CHARACTERS_PER_TOKEN;
}
