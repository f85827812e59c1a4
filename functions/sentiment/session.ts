/** The model itself: token ids in, logits out. */
import ort from 'onnxruntime-node';
import { padRows, type PaddedRows } from './padding.js';

export interface ModelSession {
  /** One row of logits for each row of token ids. */
  run(rows: readonly (readonly number[])[]): Promise<Float32Array[]>;
}

/**
 * One thread, since there are as many workers as cores: more would only take turns. With one there is no pool, hence
 * none that spins.
 */
const SESSION_OPTIONS: ort.InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
};

export async function openSession(modelFile: string, padTokenId: number): Promise<ModelSession> {
  const session = await ort.InferenceSession.create(modelFile, SESSION_OPTIONS);
  const unknown = session.inputNames.find((name) => !isInputName(name));
  if (unknown !== undefined)
    throw new Error(`it wants an input "${unknown}", which text classifiers do not have`);
  const inputNames = session.inputNames.filter(isInputName);
  return {
    async run(rows) {
      const padded = padRows(rows, padTokenId);
      const { logits } = await session.run(toFeeds(padded, inputNames));
      if (!(logits?.data instanceof Float32Array)) throw new Error('the model gave no logits');
      return splitRows(logits.data, rows.length);
    },
  };
}

const INPUTS = {
  input_ids: ({ tokenIds }: PaddedRows) => tokenIds,
  attention_mask: ({ mask }: PaddedRows) => mask,
  /** All of a text belongs to its first (and only) segment. */
  token_type_ids: ({ mask }: PaddedRows) => new BigInt64Array(mask.length),
};

function isInputName(name: string): name is keyof typeof INPUTS {
  return Object.hasOwn(INPUTS, name);
}

function toFeeds(padded: PaddedRows, names: readonly (keyof typeof INPUTS)[]): Record<string, ort.Tensor> {
  return Object.fromEntries(
    names.map((name) => [name, new ort.Tensor('int64', INPUTS[name](padded), padded.shape)]),
  );
}

function splitRows(data: Float32Array, rows: number): Float32Array[] {
  const width = data.length / rows;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * width, (row + 1) * width));
}
