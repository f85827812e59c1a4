/** The texts of a load: from the command line, from a file, or the bundled examples. */
import { inferRequestSchema } from '../../contracts/http/api.js';
import { messageOf } from '../../contracts/common/text.js';
import type { SampleText } from './record.js';
import { BurstError, type BurstSettings } from './settings.js';

export interface TextPorts {
  readonly readFile: (path: string) => string;
  readonly examples: () => readonly { readonly text: string; readonly label: string }[];
}

export interface TextPool {
  readonly source: string;
  readonly texts: readonly SampleText[];
}

type TextSettings = Pick<BurstSettings, 'text' | 'file' | 'check'>;

/** @throws BurstError */
export function readTexts(settings: TextSettings, ports: TextPorts): TextPool {
  const pool = gather(settings, ports);
  const { check } = settings;
  if (check && pool.texts.some(({ expected }) => expected === undefined)) {
    throw new BurstError(
      '--check knows the right answers to the bundled examples, and to a file whose lines begin with POSITIVE or NEGATIVE and a tab',
    );
  }
  return pool;
}

function gather({ text, file }: TextSettings, { readFile, examples }: TextPorts): TextPool {
  if (text !== undefined) {
    return { source: '--text', texts: text.map((one) => checked({ text: one }, '--text')) };
  }
  if (file === undefined) {
    const texts = examples().map((example) => ({ text: example.text, expected: example.label }));
    return { source: 'bundled examples', texts };
  }
  const lines = read(file, readFile).split(/\r?\n/);
  const texts = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [checked(sampleOf(line), `line ${index + 1} of ${file}`)],
  );
  if (texts.length === 0) throw new BurstError(`${file} holds no text`);
  return { source: file, texts };
}

function read(file: string, readFile: TextPorts['readFile']): string {
  try {
    return readFile(file);
  } catch (error) {
    throw new BurstError(`${file} cannot be read: ${messageOf(error)}`);
  }
}

function sampleOf(line: string): SampleText {
  const [, expected, text] = /^(POSITIVE|NEGATIVE)\t(.+)$/.exec(line) ?? [];
  return text === undefined ? { text: line } : { text, expected };
}

function checked(sample: SampleText, where: string): SampleText {
  const { error } = inferRequestSchema.safeParse({ text: sample.text });
  if (error !== undefined) throw new BurstError(`${where}: ${error.issues[0]?.message ?? 'cannot be used'}`);
  return sample;
}
