/** The simulated model: the answer depends on the text only. Some words in a text have an effect. */
import type { InvokeOutcome } from '../../contracts/worker/invoke.js';

/** Kills the worker that runs it. */
export const POISON = 'poison';
/** Keeps the function that runs it in an endless loop. */
export const ENDLESS = 'endless';
/** Fails at the first attempt, and is not retried. */
export const UNUSABLE = 'unusable';

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
