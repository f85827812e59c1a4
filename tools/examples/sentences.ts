/**
 * Everyday English remarks of 3 to about 50 words, each with the label that a person would give it and that the bundled
 * model finds: who gets another answer has met a fault of the system. How good the model is they cannot tell.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';

const labelledSentenceSchema = z.object({
  label: z.enum(['POSITIVE', 'NEGATIVE']),
  text: z.string().min(1),
});

export type LabelledSentence = Readonly<z.infer<typeof labelledSentenceSchema>>;

/** In the order of the file, which mixes labels and lengths. */
export function readSentences(): readonly LabelledSentence[] {
  return parseSentences(readFileSync(join(projectRoot, 'tools/examples/sentences.tsv'), 'utf8'));
}

/** One sentence a line: label, tab, text. */
export function parseSentences(tabSeparated: string): readonly LabelledSentence[] {
  const lines = tabSeparated.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [label, text] = line.split('\t');
    return labelledSentenceSchema.parse({ label, text });
  });
}
