/** Sentiment as a function of the runtime. */
import { env } from '@xenova/transformers';
import { z } from 'zod';
import { messageOf } from '../../contracts/common/text.js';
import type { FunctionOutcome } from '../../contracts/worker/invoke.js';
import type { FunctionModule, LoadedFunction } from '../runtime/host/function-module.js';
import { loadClassifier, type ClassificationResult, type Classifier } from './classifier.js';
import { findModel } from './find-model.js';

export const sentimentOptionsSchema = z.object({
  /** Hub id or folder; absent: the bundled model. */
  model: z.string().optional(),
  cacheFolder: z.string(),
  hubUrl: z.string().optional(),
  hubToken: z.string().optional(),
});
export type SentimentOptions = z.infer<typeof sentimentOptionsSchema>;

const ADVICE =
  'Unset MODEL for the bundled model, or set it to a folder with config.json, tokenizer.json, tokenizer_config.json and onnx/model_quantized.onnx, or to the id of such a model on a hub that this machine can reach (owner/name@commit; HF_ENDPOINT names a mirror).';

const sentiment: FunctionModule = {
  async load(options) {
    const { model, cacheFolder, hubUrl = env.remoteHost, hubToken } = sentimentOptionsSchema.parse(options);
    try {
      const hub = { url: hubUrl, cacheFolder, ...(hubToken !== undefined && { token: hubToken }) };
      const folder = await findModel(model, hub);
      return await ready(model ?? 'bundled', await loadClassifier(folder));
    } catch (error) {
      const which = model === undefined ? 'The bundled model' : `MODEL=${model}`;
      throw new Error(`${which} cannot be used: ${messageOf(error)}. ${ADVICE}`, { cause: error });
    }
  },
};

export default sentiment;

/** As many as a coordinator sends by default: one that runs and one that is ready. */
const LISTS_AT_ONCE = 2;

/** The first run allocates what later ones use again: nobody shall wait for it. */
async function ready(model: string, classifier: Classifier): Promise<LoadedFunction> {
  await classifier.classify(['warm up']);
  return {
    model,
    listsAtOnce: LISTS_AT_ONCE,
    async run(texts) {
      const { results, ...timings } = await classifier.classify(texts);
      return { outcomes: results.map(toOutcome), ...timings };
    },
  };
}

function toOutcome(result: ClassificationResult): FunctionOutcome {
  if ('label' in result) return { status: 'succeeded', ...result };
  return { status: 'failed', code: 'model_failed', message: result.error, retryable: result.retryable };
}
