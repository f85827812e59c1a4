/** One process of the bare model: the function without its system. It ends when nobody can ask any more. */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { LoadedFunction } from '../functions/runtime/host/function-module.js';
import sentiment from '../functions/sentiment/function.js';
import {
  bareRequestSchema,
  type BareReply,
  type BareReplyOf,
  type BareRequest,
} from '../tools/kit/bare-model/messages.js';
import { readSentences } from '../tools/examples/sentences.js';
import { cyclicSlice } from './cyclic-slice.js';

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  void reply(bareRequestSchema.parse(message))
    .catch((error: unknown): BareReply => ({
      type: 'failed',
      message: error instanceof Error ? error.message : String(error),
    }))
    .then((answer) => process.send?.(answer));
});

const sentences = readSentences().map(({ text }) => text);
let loaded: LoadedFunction | undefined;

async function reply(request: BareRequest): Promise<BareReply> {
  if (request.type === 'load') {
    loaded = await sentiment.load(request.options);
    return { type: 'loaded', model: loaded.model };
  }
  if (loaded === undefined) throw new Error('no model is loaded');
  return request.type === 'answer'
    ? answer(loaded, request.texts ?? sentences)
    : measure(loaded, request.durationMs);
}

async function answer(model: LoadedFunction, texts: readonly string[]): Promise<BareReplyOf<'answered'>> {
  const { outcomes } = await model.run(texts);
  const answers = outcomes.map((outcome) => {
    if (outcome.status === 'failed') throw new Error(outcome.message);
    return { label: outcome.label, score: outcome.score };
  });
  return { type: 'answered', answers };
}

/**
 * The more texts there are to sort, the less padding is left, but past this many nothing more is won; and the sooner a
 * list ends, the less one process runs on alone when the others have finished.
 */
const LIST_TEXTS = 128;

async function measure(model: LoadedFunction, durationMs: number): Promise<BareReplyOf<'measured'>> {
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let [classified, elapsedMs] = [0, 0];
  while (elapsedMs < durationMs) {
    await model.run(cyclicSlice(sentences, classified, LIST_TEXTS));
    classified += LIST_TEXTS;
    await turnOfTheLoop(); // the model blocks it, and the bench may be gone
    elapsedMs = performance.now() - startedAtMs;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { type: 'measured', texts: classified, elapsedMs, cpuMs: (user + system) / 1000 };
}
