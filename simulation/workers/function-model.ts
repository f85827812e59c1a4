/** The simulated model: a text's answer depends on the text alone. Some texts are special, as their words say. */
import type { InvokeOutcome } from '../../contracts/worker/invoke.js';

/** Kills the worker that runs it, every time. */
export const POISON = 'poison';
/** Keeps the function that runs it in an endless loop, every time. */
export const ENDLESS = 'endless';
/** Fails for good at the first try. */
export const UNUSABLE = 'hopeless';

export interface Answer {
  readonly label: string;
  readonly score: number;
  readonly tokens: number;
}

export function answerTo(text: string): Answer {
  let hash = 7;
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  const score = (hash >>> 0) / 2 ** 32;
  return { label: score < 0.5 ? 'NEGATIVE' : 'POSITIVE', score, tokens: text.length };
}

export function outcomeOf(taskId: string, text: string): InvokeOutcome {
  if (!text.includes(UNUSABLE)) return { taskId, status: 'succeeded', ...answerTo(text) };
  return { taskId, status: 'failed', code: 'unfit', message: 'not for this model', retryable: false };
}
