/** The tokenizer of @xenova/transformers, for a model in a folder. */
import { basename, dirname } from 'node:path';
import { AutoTokenizer, env, type PreTrainedTokenizer } from '@xenova/transformers';
import { z } from 'zod';
import { encodeStart } from './encode-start.js';
import { stripAccents } from './strip-accents.js';
import { boundedWordPiece } from './word-piece.js';

export interface Tokenizer {
  readonly padTokenId: number;
  /** Special tokens included, cut off at the model's maximum. */
  encode(text: string): readonly number[];
}

const encodingSchema = z.object({ input_ids: z.array(z.number()) });
const optionalNumber = z.number().optional();

/** Some tokenizers name no maximum, or an absurd one: the model's positions are the other bound. */
export async function loadTokenizer(folder: string, maxPositions: number): Promise<Tokenizer> {
  env.allowRemoteModels = false;
  env.useFSCache = false;
  env.localModelPath = dirname(folder);
  const tokenizer = await AutoTokenizer.from_pretrained(basename(folder));
  bound(tokenizer);
  const maxTokens = Math.min(optionalNumber.parse(tokenizer.model_max_length) ?? maxPositions, maxPositions);
  const encodeAll = (text: string) =>
    encodingSchema.parse(tokenizer(text, { return_tensor: false })).input_ids;
  return {
    padTokenId: optionalNumber.parse(tokenizer.pad_token_id) ?? 0,
    encode: (text) => encodeStart(text, encodeAll, maxTokens),
  };
}

/** Puts what takes bounded time in the place of what does not, where it gives the same. */
function bound({ model, normalizer }: PreTrainedTokenizer): void {
  const split = boundedWordPiece(Object.assign({}, model)); // which is a function with properties
  if (split === undefined) return;
  model.encode = split;
  for (const each of accentStrippers(normalizer)) each.stripAccents = stripAccents;
}

/** The normalizers for BERT among those of a tokenizer. */
function accentStrippers(normalizer: unknown): { stripAccents: (text: string) => string }[] {
  if (typeof normalizer !== 'function' && (typeof normalizer !== 'object' || normalizer === null)) return [];
  if ('normalizers' in normalizer && Array.isArray(normalizer.normalizers)) {
    return normalizer.normalizers.flatMap(accentStrippers);
  }
  return 'stripAccents' in normalizer ? [normalizer as { stripAccents: (text: string) => string }] : [];
}
