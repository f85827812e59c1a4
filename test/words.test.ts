/**
 * The words of the source, checked: names and comments use the field's terms, one for one thing. The glossary in
 * docs/architecture.md holds the words that are meant instead.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../infra/process/project-root.js';

/** Words that no name holds, each with what to say instead. A name is cut at its capitals and underscores. */
const BANNED_IN_NAMES: Readonly<Record<string, string>> = {
  asked: 'requested, request',
  besides: 'missing, other',
  calm: 'clear',
  conduct: 'run',
  deed: 'action',
  deeds: 'actions',
  desk: 'controller, tracker',
  disturb: 'set, inject',
  exchange: 'call, request',
  fate: 'outcome, fault, treatment',
  fates: 'outcomes, faults',
  happening: 'event',
  happenings: 'events',
  hopeless: 'rejected, failing',
  hundreds: 'chunks',
  inflict: 'inject',
  inherit: 'preload',
  misfortune: 'fault',
  misfortunes: 'faults',
  mishap: 'failure',
  mishaps: 'failures',
  mourners: 'deathListeners',
  plant: 'mutant',
  plants: 'mutants',
  suspicion: 'reason',
  tell: 'record, log, report',
  told: 'recorded, reported',
  twin: 'duplicate',
  twins: 'duplicates',
  weather: 'network',
  world: 'system',
};
/** Names that stay, and where: what is stored, printed or typed by users keeps its name. */
const KEPT_NAMES: ReadonlyMap<string, RegExp> = new Map([
  ['plant', /^simulation\/config\.ts/],
  ['suspicion', /^(?:contracts\/worker|coordinator\/workers|infra\/aws|test)\//],
  ['told', /^(?:test\/)?tools\/chaos\//],
]);
/** Names that open so. */
const BANNED_OPENINGS: Readonly<Record<string, string>> = {
  LARGEST_: 'MAX_',
  LONGEST_: 'MAX_',
  MOST_: 'MAX_',
  LEAST_: 'MIN_',
  SHORTEST_: 'MIN_',
  unless: 'ignore…, skip…',
};
/** Words that no comment holds, and openings of sentences without a subject. */
const BANNED_IN_COMMENTS: readonly RegExp[] = [
  /\b(?:misfortunes?|mourners?|mishaps?|happenings?|weather|deeds?|twins?|hopeless|besides|whence|thereof|hitherto|lest|albeit)\b/i,
  /\b(?:behaviour|colour|honour|neighbour|favour|serialise|initialise|normalise|organise|recognise|cancelled by whom)\b/i,
  /^(?:Of|What|Whoever|Whatever) /,
];

interface Word {
  readonly where: string;
  readonly text: string;
}

function sourceFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '*.ts', '*.mts', '*.mjs'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  // This file names what it refuses.
  return listed
    .trim()
    .split('\n')
    .filter((path) => path !== 'test/words.test.ts');
}

/** The cuts of a name: `WorkerSeen`, `workerSeen` and `WORKER_SEEN` all give `worker` and `seen`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_$#-]+/);
}

function faultsOfName(name: string): readonly string[] {
  const words = wordsOf(name).flatMap((word) =>
    Object.hasOwn(BANNED_IN_NAMES, word) ? [`${word}: say ${String(BANNED_IN_NAMES[word])}`] : [],
  );
  const openings = Object.entries(BANNED_OPENINGS).flatMap(([opening, better]) =>
    name.startsWith(opening) ? [`${opening}: say ${better}`] : [],
  );
  return [...words, ...openings].map((fault) => `${name}: ${fault}`);
}

function faultsOfComment(comment: string): readonly string[] {
  const text = comment
    .replaceAll(/^\/\*+|\*+\/$|^\s*\*|^\/\/+/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return BANNED_IN_COMMENTS.filter((pattern) => pattern.test(text)).map(
    (pattern) => `${String(pattern)}: ${text.slice(0, 80)}`,
  );
}

/** Names and comments of a file, with their lines. */
function readWords(
  path: string,
  text: string,
): { readonly names: readonly Word[]; readonly comments: readonly Word[] } {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number): string =>
    `${path}:${file.getLineAndCharacterOfPosition(position).line + 1}`;
  const names: Word[] = [];
  const comments = new Map<number, Word>();
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
      comments.set(pos, { where: lineOf(pos), text: text.slice(pos, end) });
    for (const { pos, end } of ts.getTrailingCommentRanges(text, node.getEnd()) ?? [])
      comments.set(pos, { where: lineOf(pos), text: text.slice(pos, end) });
    const isDeclared = 'name' in node.parent && node.parent.name === node;
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && isDeclared)
      names.push({ where: lineOf(node.getStart()), text: node.text.replace(/^#/, '') });
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return { names, comments: [...comments.values()] };
}

describe('the words of the source', () => {
  const files = sourceFiles().map((path) => ({
    path,
    ...readWords(path, readFileSync(join(projectRoot, path), 'utf8')),
  }));
  const found = (words: readonly Word[], faultsOf: (text: string) => readonly string[]): readonly string[] =>
    words
      .filter(({ where, text }) => KEPT_NAMES.get(text)?.test(where) !== true)
      .flatMap(({ where, text }) => faultsOf(text).map((fault) => `${where} ${fault}`));

  it('are plain in names', () => {
    expect(files.flatMap(({ names }) => found(names, faultsOfName))).toEqual([]);
  });

  it('are plain in comments', () => {
    expect(files.flatMap(({ comments }) => found(comments, faultsOfComment))).toEqual([]);
  });

  it('are plain in the names of files', () => {
    const paths = files.map(({ path }) => ({ where: path, text: path.replaceAll(/[/.]/g, '-') }));
    expect(found(paths, faultsOfName)).toEqual([]);
  });
});

describe('the check of the words', () => {
  it.each(['Plant', 'tellAll', 'toldFinal', 'MOST_TASKS', 'LONGEST_WAIT_MS', 'unlessGone', 'call-fate'])(
    'notices the name %s',
    (name) => {
      expect(faultsOfName(name)).toHaveLength(1);
    },
  );

  it.each(['intelligence', 'MAX_TASKS', 'transplanted', 'untold'])('allows the name %s', (name) => {
    expect(faultsOfName(name)).toEqual([]);
  });

  it.each([
    '/** What a worker says. */',
    '// Of the queue alone.',
    '/**\n * The behaviour of a\n * worker.\n */',
    '// It is hopeless.',
  ])('notices the comment %j', (comment) => {
    expect(faultsOfComment(comment)).toHaveLength(1);
  });

  it('allows a sentence with a subject', () => {
    expect(faultsOfComment('/** The worker says what it does, and of which batch. */')).toEqual([]);
  });

  it('reads declared names and all comments of a file', () => {
    const { names, comments } = readWords('a.ts', '// One.\nconst told = 1; // Two.\nuse(told);\n');
    expect(names).toEqual([{ where: 'a.ts:2', text: 'told' }]);
    expect(comments.map(({ text }) => text)).toEqual(['// One.', '// Two.']);
  });
});
