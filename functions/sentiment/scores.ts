import type { Answer } from '../../contracts/worker/invoke.js';

/** The likeliest label and its probability (softmax). */
export function likeliest(logits: Float32Array, labels: readonly string[]): Pick<Answer, 'label' | 'score'> {
  const highest = Math.max(...logits);
  const weights = Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const index = logits.indexOf(highest);
  return { label: labels[index] ?? `LABEL_${index}`, score: 1 / sum };
}
