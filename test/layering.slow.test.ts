/**
 * The arrows between the parts, as the design draws them, checked from the import statements of every source file.
 * `bench`, `conformance` and `test` may look at everything; nothing looks at them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../infra/process/project-root.js';

const PARTS = [
  'client',
  'contracts',
  'coordinator',
  'functions',
  'infra',
  'simulation',
  'supervisor',
  'tools',
] as const;
type Part = (typeof PARTS)[number];

/** The parts that the files of a part may import beside each other. */
const MAY_IMPORT: Readonly<Record<Part, readonly string[]>> = {
  client: ['contracts'],
  contracts: [],
  // Both serve HTTP with the same parts.
  coordinator: ['contracts', 'infra/http'],
  functions: ['contracts', 'infra/http'],
  infra: ['contracts'],
  // The coordinator's own code in virtual time; its ports are simulated, so it needs no adapter.
  simulation: ['contracts', 'coordinator', 'infra/process'],
  supervisor: ['contracts', 'infra/cli', 'infra/process'],
  tools: ['client', 'contracts', 'infra/cli', 'infra/process', 'supervisor'],
};
/** Composition roots put the parts together with the adapters; a simulation has none. */
const MAIN_MAY_IMPORT: Readonly<Partial<Record<Part, readonly string[]>>> = {
  coordinator: ['infra'],
  functions: ['infra'],
  infra: ['infra'],
  supervisor: ['infra'],
  tools: ['infra'],
};
/** A function is a module that the runtime is given: it knows none of them. */
const RUNTIME = 'functions/runtime';

interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

const sources: readonly Source[] = PARTS.flatMap((part) =>
  readdirSync(join(projectRoot, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      path: posix.join(part, name.replaceAll('\\', '/')),
      text: readFileSync(join(projectRoot, part, name), 'utf8'),
    })),
);

const isMain = ({ path }: Source): boolean => basename(path) === 'main.ts';
const lies = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** Returns what a source names in its imports, type imports and dynamic ones included. */
function importsOf({ text }: Source): readonly string[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
}

/** Files of ours that a source imports, from the root of the repository. */
function ownImportsOf(source: Source): readonly string[] {
  return importsOf(source)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(dirname(source.path), name));
}

function forbiddenArrows(source: Source): readonly string[] {
  const part = PARTS.find((candidate) => lies(source.path, candidate));
  if (part === undefined) throw new Error(`${source.path} lies in no part`);
  const allowed = [part, ...MAY_IMPORT[part], ...(isMain(source) ? (MAIN_MAY_IMPORT[part] ?? []) : [])];
  return ownImportsOf(source)
    .filter((target) => !allowed.some((folder) => lies(target, folder)))
    .map((target) => `${source.path} imports ${target}`);
}

/** Files in a circle of imports, and those that lead into one: what is left when all that import nothing left are taken away. */
function tiedInCircles(all: readonly Source[]): readonly string[] {
  let left = new Map(all.map((source) => [source.path.replace(/\.ts$/, '.js'), ownImportsOf(source)]));
  for (;;) {
    const tied = new Map([...left].filter(([, imports]) => imports.some((path) => left.has(path))));
    if (tied.size === left.size) return [...left.keys()];
    left = tied;
  }
}

/** Folders, each with the folders that its files import; composition roots tie folders together and do not count. */
function foldersOf(all: readonly Source[]): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>();
  for (const source of all.filter((candidate) => !isMain(candidate))) {
    const folder = dirname(source.path);
    const imports = folders.get(folder) ?? new Set();
    for (const path of ownImportsOf(source)) if (dirname(path) !== folder) imports.add(dirname(path));
    folders.set(folder, imports);
  }
  return folders;
}

/** Folders in a circle of imports, and those that lead into one. */
function foldersInCircles(all: readonly Source[]): readonly string[] {
  let left = foldersOf(all);
  for (;;) {
    const before = left;
    const tied = new Map([...before].filter(([, imports]) => [...imports].some((path) => before.has(path))));
    if (tied.size === before.size) return [...before.keys()];
    left = tied;
  }
}

/** A tool may import what all tools share, and nothing of another tool. */
function arrowsBetweenTools(source: Source): readonly string[] {
  const toolOf = (path: string): string | undefined => /^tools\/([^/]+)\//.exec(path)?.[1];
  const shared: readonly (string | undefined)[] = ['kit', 'examples', undefined];
  return ownImportsOf(source)
    .filter((target) => ![...shared, toolOf(source.path)].includes(toolOf(target)))
    .map((target) => `${source.path} imports ${target}`);
}

function arrowsFromRuntime(source: Source): readonly string[] {
  if (!lies(source.path, RUNTIME)) return [];
  return ownImportsOf(source)
    .filter((target) => lies(target, 'functions') && !lies(target, RUNTIME))
    .map((target) => `${source.path} imports ${target}`);
}

function usesOfAwsSdk(source: Source): readonly string[] {
  if (lies(source.path, 'infra/aws')) return [];
  return importsOf(source)
    .filter((name) => /^@(aws-sdk|smithy)\//.test(name))
    .map((name) => `${source.path} imports ${name}`);
}

/** Whether it reads the environment: `process.env`, however it is written. */
function readsEnvironment({ text }: Source): boolean {
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest);
  const isProcess = (node: ts.Node): boolean => ts.isIdentifier(node) && node.text === 'process';
  const looks = (node: ts.Node): boolean => {
    const isRead =
      (ts.isPropertyAccessExpression(node) && isProcess(node.expression) && node.name.text === 'env') ||
      (ts.isElementAccessExpression(node) && isProcess(node.expression)) ||
      (ts.isVariableDeclaration(node) &&
        ts.isObjectBindingPattern(node.name) &&
        node.initializer !== undefined &&
        isProcess(node.initializer)) ||
      (ts.isImportDeclaration(node) &&
        ts.isStringLiteral(node.moduleSpecifier) &&
        /^(node:)?process$/.test(node.moduleSpecifier.text));
    return isRead || (ts.forEachChild(node, (child) => looks(child) || undefined) ?? false);
  };
  return looks(file);
}

function mayReadEnvironment(source: Source): boolean {
  const isConfig = basename(source.path) === 'config.ts';
  // infra/process runs what main.ts hands to it: it reads the environment in its stead.
  return isMain(source) || isConfig || lies(source.path, 'infra/process');
}

describe('the layering', () => {
  it('is checked in every part', () => {
    for (const part of PARTS) expect(sources.some(({ path }) => lies(path, part))).toBe(true);
    expect(sources.some(isMain)).toBe(true);
  });

  it.each(PARTS)('lets %s import what the design allows, and nothing else', (part) => {
    const ofThisPart = sources.filter(({ path }) => lies(path, part));
    expect(ofThisPart.flatMap(forbiddenArrows)).toEqual([]);
  });

  it('has no circle', () => {
    expect(tiedInCircles(sources)).toEqual([]);
  });

  it('has no circle of folders', () => {
    expect(foldersInCircles(sources)).toEqual([]);
  });

  it('keeps tools apart from each other', () => {
    expect(sources.filter(({ path }) => lies(path, 'tools')).flatMap(arrowsBetweenTools)).toEqual([]);
  });

  it('keeps the runtime of functions free of any function', () => {
    expect(sources.flatMap(arrowsFromRuntime)).toEqual([]);
  });

  it('leaves the AWS SDK to infra/aws', () => {
    expect(sources.flatMap(usesOfAwsSdk)).toEqual([]);
    const adapters = sources.filter(({ path }) => lies(path, 'infra/aws'));
    expect(adapters.flatMap(importsOf)).toContain('@aws-sdk/client-sqs');
  });

  it('loads OpenTelemetry only where somebody wants traces', () => {
    const users = sources.filter((source) =>
      importsOf(source).some((name) => name.startsWith('@opentelemetry/')),
    );
    expect(users.map(({ path }) => path)).toEqual(['infra/tracing/otel-tracer.ts']);
    const statically = sources.filter(({ text }) => /from '[^']*\/otel-tracer\.js'/.test(text));
    expect(statically.map(({ path }) => path)).toEqual([]);
  });

  it('leaves the environment to main.ts, config.ts and infra/process', () => {
    const readers = sources.filter(readsEnvironment).filter((source) => !mayReadEnvironment(source));
    expect(readers.map(({ path }) => path)).toEqual([]);
  });
});

describe('the check of the layering', () => {
  const arrows = (path: string, text: string) => forbiddenArrows({ path, text });

  it.each([
    ['contracts/a.ts', `import { b } from '../infra/process/b.js';`],
    ['coordinator/x/a.ts', `import type { B } from '../../functions/runtime/b.js';`],
    ['coordinator/a.ts', `export * from '../tools/kit/b.js';`],
    ['coordinator/a.ts', `import { b } from '../infra/aws/b.js';`],
    ['coordinator/main.ts', `import '../functions/sentiment/main.js';`],
    ['functions/runtime/a.ts', `const b = await import('../../coordinator/b.js');`],
    ['infra/aws/a.ts', `import { b } from '../../coordinator/b.js';`],
    ['tools/kit/a.ts', `import { b } from '../../infra/aws/b.js';`],
    ['supervisor/main.ts', `import { b } from '../../bench/b.js';`],
    ['infra/embedded/a.ts', `import { b } from '../../test/support/b.js';`],
    ['simulation/main.ts', `import { b } from '../infra/aws/b.js';`],
    ['simulation/actors/a.ts', `import { b } from '../../functions/runtime/b.js';`],
    ['tools/kit/a.ts', `import { b } from '../../simulation/b.js';`],
  ])('notices in %s: %s', (path, text) => {
    expect(arrows(path, text)).toHaveLength(1);
  });

  it.each([
    ['coordinator/x/a.ts', `import { b } from '../../contracts/b.js'; import c from '../c.js';`],
    ['coordinator/main.ts', `import { b } from '../infra/aws/b.js';`],
    ['simulation/a.ts', `import { b } from '../coordinator/b.js'; import c from '../infra/process/c.js';`],
    ['tools/kit/a.ts', `import { b } from '../../infra/process/b.js';`],
    ['infra/aws/a.ts', `import { b } from '../resources/b.js'; // import '../../coordinator/c.js'`],
  ])('allows in %s: %s', (path, text) => {
    expect(arrows(path, text)).toEqual([]);
  });

  it('notices a circle, and nothing in what only looks like one', () => {
    const a = { path: 'tools/a.ts', text: `import { b } from './x/b.js';` };
    const b = { path: 'tools/x/b.ts', text: `import type { C } from '../c.js';` };
    const c = { path: 'tools/c.ts', text: `import { a } from './a.js';` };
    expect(tiedInCircles([a, b, c])).toEqual(['tools/a.js', 'tools/x/b.js', 'tools/c.js']);
    expect(tiedInCircles([a, b, { ...c, text: `import 'node:fs';` }])).toEqual([]);
  });

  it('notices folders that import each other, main.ts aside', () => {
    const a = { path: 'tools/x/a.ts', text: `import { b } from '../y/b.js';` };
    const b = { path: 'tools/y/b.ts', text: '' };
    const c = { path: 'tools/y/c.ts', text: `import type { D } from '../x/d.js';` };
    expect(foldersInCircles([a, b, c])).toEqual(['tools/x', 'tools/y']);
    expect(foldersInCircles([a, b, { ...c, path: 'tools/y/main.ts' }])).toEqual([]);
  });

  it('notices one tool in another', () => {
    const text = `import { b } from '../burst/b.js'; import { c } from '../kit/load/c.js';`;
    expect(arrowsBetweenTools({ path: 'tools/monitor/a.ts', text })).toHaveLength(1);
  });

  it('notices a function in the runtime, and the SDK outside of its adapters', () => {
    const source = { path: 'functions/runtime/a.ts', text: `import { b } from '../sentiment/b.js';` };
    expect(arrowsFromRuntime(source)).toHaveLength(1);
    const text = `import type { SQSClient } from '@aws-sdk/client-sqs';`;
    expect(usesOfAwsSdk({ path: 'infra/embedded/a.ts', text })).toHaveLength(1);
    expect(usesOfAwsSdk({ path: 'infra/aws/a.ts', text })).toEqual([]);
  });

  it.each([
    `const port = process.env['PORT'];`,
    `const port = process.env.PORT ?? 80;`,
    `const { env } = process;`,
    `import { env } from 'node:process';`,
    `f(process['env']);`,
  ])('notices who reads the environment: %s', (text) => {
    expect(readsEnvironment({ path: 'coordinator/a.ts', text })).toBe(true);
  });

  it.each([
    `// process.env is for main.ts`,
    `process.exit(1);`,
    `const env = 'process.env';`,
    `a.process.env;`,
  ])('is not misled by: %s', (text) => {
    expect(readsEnvironment({ path: 'coordinator/a.ts', text })).toBe(false);
  });
});

describe('the simulation', () => {
  /** Names of what would make one execution differ from the next. */
  const NOT_REPRODUCIBLE =
    /\bDate\.now\b|\bMath\.random\b|\bperformance\.now\b|\bnew Date\(\)|\bsetTimeout\b|\bsetInterval\b|\brandomUUID\b|\brandomBytes\b|AbortSignal\.timeout/;
  /** Parts of the coordinator that are not simulated: they serve or speak HTTP, or run in a browser. */
  const NOT_SIMULATED = [
    'coordinator/dashboard',
    'coordinator/http',
    'coordinator/main.ts',
    'coordinator/workers/http-function-client.ts',
  ];

  it('meets no real time and no real chance, nor does the code that it runs', () => {
    const simulated = sources.filter(
      ({ path }) =>
        ['contracts', 'coordinator', 'simulation'].some((part) => lies(path, part)) &&
        !NOT_SIMULATED.some((place) => path.startsWith(place)),
    );
    expect(simulated.length).toBeGreaterThan(60);
    expect(simulated.filter(({ text }) => NOT_REPRODUCIBLE.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
