/** Reads what a model's folder says of it. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export interface ModelFolder {
  readonly modelFile: string;
  /** By the index of their logit. */
  readonly labels: readonly string[];
  readonly maxPositions: number;
}

const configSchema = z.object({
  architectures: z.array(z.string()).default([]),
  problem_type: z.string().nullish(),
  id2label: z.record(z.string(), z.string()),
  max_position_embeddings: z.int().positive().default(512),
});

/** As the hub's exports for @xenova/transformers lay them out; the quantized one is faster. */
const MODEL_FILES = ['onnx/model_quantized.onnx', 'onnx/model.onnx'];

export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const config = parseConfig(await readFile(join(folder, 'config.json'), 'utf8'));
  refuseOtherTasks(config);
  return {
    modelFile: await findModelFile(folder),
    labels: Object.keys(config.id2label).map((_, index) => config.id2label[index] ?? `LABEL_${index}`),
    maxPositions: config.max_position_embeddings,
  };
}

function parseConfig(json: string): z.output<typeof configSchema> {
  const parsed = configSchema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  throw new Error(`its config.json is not one of a text classifier: ${z.prettifyError(parsed.error)}`);
}

function refuseOtherTasks({ architectures, problem_type }: z.output<typeof configSchema>): void {
  const classifies =
    architectures.length === 0 || architectures.some((name) => name.endsWith('ForSequenceClassification'));
  if (!classifies) throw new Error(`it is a ${architectures.join(', ')}, not a …ForSequenceClassification`);
  if (problem_type === 'multi_label_classification')
    throw new Error('it gives several labels to a text, not one');
}

async function findModelFile(folder: string): Promise<string> {
  for (const file of MODEL_FILES) {
    const path = join(folder, file);
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
  }
  throw new Error(`it has neither ${MODEL_FILES.join(' nor ')}`);
}
