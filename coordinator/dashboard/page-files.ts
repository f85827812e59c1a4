/**
 * The files of the dashboard, read once: what people wrote lies beside the sources, the page's TypeScript lies transpiled
 * in `dist/`, and two libraries come out of their packages as they are.
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

/** By the path under which they are served. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const PAGE = join('coordinator', 'dashboard', 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/gm;

/** @throws where the page was not built, or a package is missing */
export async function readPageFiles(): Promise<PageFiles> {
  const root = projectFolder(dirname(fileURLToPath(import.meta.url)));
  const packages = createRequire(import.meta.url);
  const modules = join(root, 'dist', PAGE);
  const scripts = (await readdir(modules)).filter((name) => name.endsWith('.js'));
  const sources: readonly (readonly [url: string, path: string])[] = [
    ['/', join(root, PAGE, 'index.html')],
    ['/dashboard/style.css', join(root, PAGE, 'style.css')],
    ['/dashboard/icon.svg', join(root, PAGE, 'icon.svg')],
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

/** Above this file, also when it runs from `dist/`. */
function projectFolder(from: string): string {
  if (existsSync(join(from, PAGE, 'index.html'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`the dashboard is missing: there is no ${PAGE}`);
  return projectFolder(parent);
}
