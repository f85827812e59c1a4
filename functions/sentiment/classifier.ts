/** The bare model: texts in, labels and scores out, in this process and on one thread. */
import { messageOf } from '../../contracts/common/text.js';
import type { Answer } from '../../contracts/worker/invoke.js';
import type { Tokenized } from './micro-batches.js';
import { verifyModel } from './model-checksums.js';
import { readModelFolder } from './model-folder.js';
import { likeliest } from './scores.js';
import { openSession } from './session.js';
import { TextPool } from './text-pool.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';

/** Why one text has no answer. */
export interface ClassificationFailure {
  readonly error: string;
  /** A run may succeed another time; a text that cannot be tokenized never will. */
  readonly retryable: boolean;
}

export type ClassificationResult = Answer | ClassificationFailure;

export interface ClassifiedList {
  /** In the order of the texts. */
  readonly results: readonly ClassificationResult[];
  readonly tokenizeMs: number;
  readonly computeMs: number;
  readonly tokens: number;
  /** Padding to the longest text of each run included. */
  readonly paddedTokens: number;
}

export interface Classifier {
  /** Lists that are classified at the same time share runs. */
  classify(texts: readonly string[]): Promise<ClassifiedList>;
}

/** `folder` is laid out as the hub's exports are: config.json, tokenizer.json, tokenizer_config.json, onnx/. */
export async function loadClassifier(folder: string): Promise<Classifier> {
  await verifyModel(folder);
  const { labels, modelFile, maxPositions } = await readModelFolder(folder);
  const tokenizer = await loadTokenizer(folder, maxPositions);
  const session = await openSession(modelFile, tokenizer.padTokenId);
  const pool = new TextPool((rows) => session.run(rows));
  return { classify: (texts) => classify(texts, tokenizer, pool, labels) };
}

async function classify(
  texts: readonly string[],
  tokenizer: Tokenizer,
  pool: TextPool,
  labels: readonly string[],
): Promise<ClassifiedList> {
  const startedAtMs = performance.now();
  const results: ClassificationResult[] = texts.map(() => NOT_REACHED);
  const tokenized = tokenizeInto(results, texts, tokenizer);
  const tokenizeMs = performance.now() - startedAtMs;
  const tokenCounts = new Map(tokenized.map(({ index, tokenIds }) => [index, tokenIds.length]));
  const ran = await pool.run(tokenized, (index, answer) => {
    results[index] =
      answer instanceof Error
        ? { error: messageOf(answer), retryable: true }
        : { ...likeliest(answer, labels), tokens: tokenCounts.get(index) ?? 0 };
  });
  const tokens = tokenized.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  return { results, tokenizeMs, ...ran, tokens };
}

const NOT_REACHED: ClassificationFailure = {
  error: 'the model gave no answer for this text',
  retryable: true,
};

/** One text that cannot be tokenized fails alone. */
function tokenizeInto(
  results: ClassificationResult[],
  texts: readonly string[],
  tokenizer: Tokenizer,
): readonly Tokenized[] {
  return texts.flatMap((text, index) => {
    try {
      return [{ index, tokenIds: tokenizer.encode(text) }];
    } catch (error) {
      results[index] = { error: messageOf(error), retryable: false };
      return [];
    }
  });
}
