/**
 * The files of the dashboard, read once: HTML and CSS from the source folder, the page's transpiled TypeScript from `dist/`,
 * and two libraries from their packages.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

/** Keys are the URL paths under which the files are served. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const PAGE = join('coordinator', 'dashboard', 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Modules that the page shares with the rest; they import nothing themselves. */
const SHARED_MODULES = ['contracts/batch/task-status.js', 'contracts/stats/events.js'];
const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/gm;

/** @throws if the page was not built, or if a package is missing */
export async function readPageFiles(): Promise<PageFiles> {
  const root = projectFolder(dirname(fileURLToPath(import.meta.url)));
  const packages = createRequire(import.meta.url);
  const modules = join(root, 'dist', PAGE);
  const scripts = (await readdir(modules)).filter((name) => name.endsWith('.js'));
  const sources: readonly (readonly [url: string, path: string])[] = [
    ['/', join(root, PAGE, 'index.html')],
    ['/dashboard/style.css', join(root, PAGE, 'style.css')],
    ['/dashboard/icon.svg', join(root, PAGE, 'icon.svg')],
    ...SHARED_MODULES.map((path) => [`/${path}`, join(root, 'dist', path)] as const),
    ...scripts.map((name) => [`/dashboard/${name}`, join(modules, name)] as const),
    ['/dashboard/vendor/uplot.js', join(dirname(packages.resolve('uplot')), 'uPlot.esm.js')],
    ['/dashboard/vendor/uplot.css', join(dirname(packages.resolve('uplot')), 'uPlot.min.css')],
    [
      '/dashboard/vendor/eventsource-parser.js',
      join(dirname(packages.resolve('eventsource-parser')), 'index.js'),
    ],
  ];
  return new Map(
    await Promise.all(sources.map(async ([url, path]) => [url, await readPageFile(path)] as const)),
  );
}

async function readPageFile(path: string): Promise<PageFile> {
  const text = (await readFile(path, 'utf8')).replace(SOURCE_MAP, '');
  const bytes = Buffer.from(text);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    bytes,
    gzipped: gzipSync(bytes),
  };
}

/** The project folder is above this file, also when the code runs from `dist/`. */
function projectFolder(from: string): string {
  if (existsSync(join(from, PAGE, 'index.html'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`the dashboard is missing: there is no ${PAGE}`);
  return projectFolder(parent);
}
