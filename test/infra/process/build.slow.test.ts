import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build } from '../../../infra/process/build.mjs';
import { projectRoot } from '../../../infra/process/project-root.js';
import { startProgram, type TestProcess } from '../../support/process/child.js';
import { temporaryFolder } from '../../support/process/diary.js';

function newTree(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  return root;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function outputs(root: string): readonly string[] {
  const names = readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map(({ name }) => name);
}

const read = (root: string, path: string): string => readFileSync(join(root, 'dist', path), 'utf8');

describe('build', () => {
  it('mirrors the sources and leaves imports as they are', async () => {
    const root = newTree({
      'contracts/answer.ts': 'export const answer: number = 42;',
      'supervisor/main.ts': "import { answer } from '../contracts/answer.js';\nconsole.log(answer);",
      'test/never.ts': 'export {};',
      'tools/types.d.ts': 'export type None = never;',
    });
    await build(root);
    expect(outputs(root).toSorted()).toEqual(['answer.js', 'main.js']);
    expect(read(root, 'contracts/answer.js')).toMatch(/const answer = 42/);
    expect(read(root, 'supervisor/main.js')).toContain('../contracts/answer.js');
    expect(read(root, 'supervisor/main.js')).toContain('sourceMappingURL');
  });

  it('writes only what changed', async () => {
    const root = newTree({
      'contracts/a.ts': 'export const a = 1;',
      'contracts/b.ts': 'export const b = 1;',
    });
    await build(root);
    write(root, 'contracts/b.ts', 'export const b = 2;');
    const report = await build(root);
    expect(report).toEqual({ built: 2, written: [join(root, 'dist/contracts/b.js')], removed: [] });
  });

  it('removes what has no source any more, and what a killed build left', async () => {
    const root = newTree({ 'contracts/a.ts': 'export {};', 'contracts/b.ts': 'export {};' });
    await build(root);
    rmSync(join(root, 'contracts/b.ts'));
    write(root, 'dist/contracts/a.js.1.tmp', 'half a fi');
    utimesSync(join(root, 'dist/contracts/a.js.1.tmp'), 0, 0);
    write(root, 'dist/contracts/a.js.2.tmp', 'of a build that runs');
    await build(root);
    expect(outputs(root).toSorted()).toEqual(['a.js', 'a.js.2.tmp']);
  });

  it('can run several times at once', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `contracts/file-${index}.ts`);
    const root = newTree(Object.fromEntries(names.map((name) => [name, `export const is = '${name}';`])));
    await Promise.all([build(root), build(root), build(root)]);
    expect(outputs(root)).toHaveLength(names.length);
    for (const name of names) expect(read(root, name.replace('.ts', '.js'))).toContain(name);
  });

  it('removes nothing where there are no sources', async () => {
    const root = newTree({ 'dist/contracts/a.js': 'export {};' });
    await build(root);
    expect(outputs(root)).toEqual(['a.js']);
  });

  it('refuses what is no TypeScript, and leaves what was built', async () => {
    const root = newTree({ 'contracts/a.ts': 'export const a = 1;' });
    await build(root);
    write(root, 'contracts/a.ts', 'export const = ;');
    await expect(build(root)).rejects.toThrow(/Expected identifier/);
    expect(read(root, 'contracts/a.js')).toContain('a = 1');
  });
});

describe('run', () => {
  function run(root: string, ...programArguments: readonly string[]): TestProcess {
    for (const file of ['build.mjs', 'run.mjs']) {
      cpSync(join(projectRoot, 'infra/process', file), join(root, 'infra/process', file));
    }
    return startProgram(join(root, 'infra/process/run.mjs'), { programArguments });
  }

  it('runs what is built where there is no esbuild, with its arguments', async () => {
    const root = newTree({
      'package.json': '{"type":"module"}',
      'tools/greet/main.ts': 'export {};',
      'dist/tools/greet/main.js': 'console.log(process.argv.slice(2).join());',
    });
    const program = run(root, 'tools/greet/main.ts', '--name', 'you');
    expect(await program.end()).toBe(0);
    expect(program.stdout()).toBe('--name,you\n');
  });

  it('says what it lacks where nothing is built either', async () => {
    const program = run(newTree({ 'tools/greet/main.ts': 'export {};' }), 'tools/greet/main.ts');
    expect(await program.end()).toBe(1);
    expect(program.stderr()).toMatch(/^cannot build: .*esbuild/);
  });

  it('names a program that is not there', async () => {
    const program = run(newTree({}), 'tools/nothing/main.ts');
    expect(await program.end()).toBe(1);
    expect(program.stderr()).toBe('there is no tools/nothing/main.ts\n');
  });
});
