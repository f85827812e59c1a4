/** docs/observability.md lists the log events that the processes write: each of them, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { projectRoot } from '../../infra/process/project-root.js';

const FOLDERS = ['contracts', 'coordinator', 'functions', 'infra', 'supervisor'];
const LEVELS = new Set(['debug', 'info', 'warn', 'error', 'fatal']);
const EVENT = /^[a-z_]+\.[a-z_]+$/;
/** `run-process.ts` makes them of the process's name. */
const OF_A_PROCESS_NAME = /^(?:coordinator|function|stack)\.ready$/;

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => readFileSync(join(projectRoot, folder, name), 'utf8')),
);

const page = readFileSync(join(projectRoot, 'docs', 'observability.md'), 'utf8');
const section = page.slice(page.indexOf('## Log events'), page.indexOf('## Metrics'));
const documented = new Set(
  section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
    .filter((name) => EVENT.test(name)),
);

/** Event names among the arguments of calls such as `logger.info(fields, 'task.final')`. */
function loggedIn(text: string): string[] {
  const names: string[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && EVENT.test(node.text)) names.push(node.text);
    if (!ts.isObjectLiteralExpression(node)) node.forEachChild(collect);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isLog(node.expression)) node.arguments.forEach(collect);
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest));
  return names;
}

function isLog(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'logFailure';
  return (
    ts.isPropertyAccessExpression(callee) &&
    LEVELS.has(callee.name.text) &&
    /log(?:ger)?$/i.test(lastNameOf(callee.expression))
  );
}

function lastNameOf(expression: ts.Expression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

it('each event that is logged stands in the page', () => {
  const logged = new Set(sources.flatMap(loggedIn));
  expect(logged.size).toBeGreaterThan(50);
  expect([...logged].filter((name) => !documented.has(name))).toEqual([]);
});

it('each event of the page is written somewhere', () => {
  const isWritten = (name: string) =>
    OF_A_PROCESS_NAME.test(name) || sources.some((text) => text.includes(`'${name}'`));
  expect([...documented].filter((name) => !isWritten(name))).toEqual([]);
});
