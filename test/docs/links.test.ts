/**
 * The pages of the repository: every relative link leads to a file, and its anchor to a heading. Paths in backticks on the
 * pages that describe the layout exist, and so do the npm scripts that any page tells people to run.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../infra/process/project-root.js';

const FOLDERS = ['docs', '.github', 'functions', 'test', 'infra'];
const PAGES_WITH_PATHS = ['CONTRIBUTING.md', 'docs/architecture.md'];
const TOP_FOLDER_PATH =
  /^(?:bench|client|conformance|contracts|coordinator|docs|functions|infra|simulation|supervisor|test|tools)\/[\w./-]*$/;

const files = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );

const pages: readonly string[] = [...readdirSync(projectRoot), ...FOLDERS.flatMap(files)].filter((name) =>
  name.endsWith('.md'),
);

function read(page: string): string {
  return readFileSync(join(projectRoot, page), 'utf8');
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^( *)(```|~~~)[^\n]*\n[\s\S]*?^\1\2 *$/gm, '');
}

function linksOf(page: string): string[] {
  const prose = withoutFences(read(page)).replaceAll(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(([^)\s]+)(?:\s"[^"]*")?\)/g)].map(([, target = '']) => target);
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map(([, target = '']) => target);
  return [...inline, ...references].filter((target) => !/^(?:[a-z]+:|\/\/)/i.test(target));
}

/** As GitHub makes them from headings; a heading that comes twice gets a number. */
function anchorsOf(page: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const anchors = [...withoutFences(read(page)).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = counts.get(slug) ?? 0;
    counts.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set(anchors);
}

function whatIsDead(page: string, link: string): string | undefined {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? page : relative(projectRoot, join(projectRoot, dirname(page), path));
  if (!existsSync(join(projectRoot, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsOf(target).has(anchor) ? undefined : `${link}: ${target} has no such heading`;
}

function pathsInBackticks(page: string): string[] {
  return [...read(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

function isMissing(code: string): boolean {
  return TOP_FOLDER_PATH.test(code) && !existsSync(join(projectRoot, code));
}

describe('a page', () => {
  it.each(pages)('%s has no dead link', (page) => {
    expect(linksOf(page).flatMap((link) => whatIsDead(page, link) ?? [])).toEqual([]);
  });

  it.each(PAGES_WITH_PATHS)('%s names only files and folders that exist', (page) => {
    expect(pathsInBackticks(page).filter(isMissing)).toEqual([]);
  });

  it('of docs/ stands in the index', () => {
    const index = new Set(linksOf('docs/README.md'));
    const missing = readdirSync(join(projectRoot, 'docs')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md' && !index.has(name),
    );
    expect(missing).toEqual([]);
  });

  it('of docs/decisions/ stands in the index of decisions', () => {
    const index = new Set(linksOf('docs/decisions/README.md'));
    const missing = readdirSync(join(projectRoot, 'docs', 'decisions')).filter(
      (name) => name !== 'README.md' && !index.has(name),
    );
    expect(missing).toEqual([]);
  });

  it.each(pages.filter((page) => page !== 'CHANGELOG.md'))('%s names only npm scripts that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run (?:-s |--silent )?([a-z][a-z-]*(?::[a-z]+)?)/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('README.md is at most 200 lines, and says how to run and test', () => {
  const readme = read('README.md');
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm ci && npm test');
});

it('docs/decisions/dependencies.md has every dependency', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const page = read('docs/decisions/dependencies.md');
  const last = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
  expect(Object.keys(dependencies).filter((name) => !page.includes(last(name)))).toEqual([]);
});
