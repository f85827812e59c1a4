/** From YAML to an experiment. What is wrong is told with its place: file, line, column. */
import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { experimentSchema, type Experiment } from './schema.js';

/** The file is no experiment; the message has one line for each mistake. */
export class ExperimentSyntaxError extends Error {
  override readonly name = 'ExperimentSyntaxError';
}

/** @throws ExperimentSyntaxError */
export function readExperiment(file: string, text: string): Experiment {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw syntaxError(document.errors.map(({ pos, message }) => `${at(pos[0])} ${firstLine(message)}`));
  }
  const parsed = experimentSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.flatMap(flatten).map(({ path, message, key }) => {
    const where = path.length === 0 ? '' : `${printPath(path)}: `;
    return `${at(offsetOf(document, path, key))} ${where}${message}`;
  });
  throw syntaxError(complaints);
}

/** One mistake often brings many: the first ones tell what is wrong. */
const MAX_MISTAKES_SHOWN = 5;

function syntaxError(complaints: readonly string[]): ExperimentSyntaxError {
  const different = [...new Set(complaints)];
  const more = different.length - MAX_MISTAKES_SHOWN;
  const shown = [...different.slice(0, MAX_MISTAKES_SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])];
  return new ExperimentSyntaxError(shown.join('\n'));
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

type Path = readonly PropertyKey[];

interface Mistake {
  readonly path: Path;
  readonly message: string;
  /** The key at `path` that is meant, where it is the key that is wrong. */
  readonly key?: string;
}

function flatten(issue: z.core.$ZodIssue): readonly Mistake[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path, key, message: `there is no "${key}" here` }));
  }
  if (issue.code === 'invalid_union') return closestForm(issue) ?? [{ path, message }];
  return [{ path, message }];
}

/** The form whose mistakes lie deepest is the one that was meant, where there is only one. */
function closestForm({ path, errors }: z.core.$ZodIssueInvalidUnion): readonly Mistake[] | undefined {
  const within = errors.filter(
    (issues) =>
      issues.some((issue) => issue.path.length > 0) &&
      issues.every((issue) => issue.code !== 'unrecognized_keys' || issue.path.length > 0),
  );
  const [only] = within;
  if (only === undefined || within.length > 1) return undefined;
  return only.flatMap(flatten).map((complaint) => ({ ...complaint, path: [...path, ...complaint.path] }));
}

function printPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Where the node stands, or else the nearest one around it. */
function offsetOf(document: Document, path: Path, key: string | undefined): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  if (isNode(node)) return node.range?.[0] ?? 0;
  if (path.length === 0) return isCollection(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
  return offsetOf(document, path.slice(0, -1), undefined);
}
