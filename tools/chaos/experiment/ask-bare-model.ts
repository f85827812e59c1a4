/** The bare model, in a process of its own, asked before anything is broken. */
import { startBareProcess } from '../../kit/bare-model/bare-process.js';
import type { Answer } from '../evidence/evidence.js';
import type { RunPorts } from './run-input.js';
import { CannotRunError } from './steady-state.js';

/** Each text alone would take as long again, and the answer would be the same. */
const TEXTS_AT_ONCE = 64;

export function askBareModel(options: unknown): RunPorts['askBareModel'] {
  return async (texts, workers, signal) => {
    const bare = await startBareProcess(options, signal);
    try {
      const other = workers.find(({ model }) => model !== bare.model);
      if (other !== undefined) {
        throw new CannotRunError(
          `${other.id} runs ${other.model}, its answers would be compared with those of ${bare.model}: set MODEL to the same`,
        );
      }
      const answers = new Map<string, Answer>();
      for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
        const some = texts.slice(start, start + TEXTS_AT_ONCE);
        const reply = await bare.answer(some);
        some.forEach((text, index) => {
          const answer = reply.answers[index];
          if (answer !== undefined) answers.set(text, answer);
        });
      }
      return answers;
    } finally {
      await bare.stop();
    }
  };
}
