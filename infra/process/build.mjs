/**
 * Transpiles the TypeScript of the product to `dist/`, file by file, so that plain `node` runs it on every version we
 * support. Plain JavaScript, because it has to run before anything is built.
 *
 * Two copies may build at the same time: a file is written beside its place and renamed into it, only when its content
 * changed, so that nobody ever imports half a file.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SOURCE_FOLDERS = [
  'client',
  'contracts',
  'coordinator',
  'functions',
  'infra',
  'supervisor',
  'tools',
  'bench',
  'conformance',
  'simulation',
];
const FOLDERS_WITHOUT_CODE = new Set(['node_modules', 'model', 'training', 'dist']);
/** Older ones were left by a build that was killed; younger ones may belong to one that runs now. */
const ABANDONED_AFTER_MS = 60_000;

const defaultRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Resolves with what was done. Throws where esbuild is missing, a source is wrong, or `dist/` cannot be written. */
export async function build(root = defaultRoot) {
  const sources = await listSources(root);
  if (sources.length === 0) return { built: 0, written: [], removed: [] };
  const outputs = await transpile(root, sources);
  const written = [];
  for (const { path, contents } of outputs) {
    if (await writeIfChanged(path, contents)) written.push(path);
  }
  const removed = await removeStale(join(root, 'dist'), new Set(outputs.map(({ path }) => path)));
  return { built: outputs.length, written, removed };
}

async function listSources(root) {
  const found = await Promise.all(SOURCE_FOLDERS.map((folder) => listFiles(join(root, folder))));
  return found.flat().filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
}

async function listFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(orIfMissing([]));
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isFile()) return [path];
      const holdsCode = entry.isDirectory() && !entry.name.startsWith('.');
      return holdsCode && !FOLDERS_WITHOUT_CODE.has(entry.name) ? listFiles(path) : [];
    }),
  );
  return found.flat();
}

async function transpile(root, sources) {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: sources.map((path) => relative(root, path).split(sep).join('/')),
    outbase: '.',
    outdir: 'dist',
    bundle: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    write: false,
    logLevel: 'error',
    tsconfigRaw: { compilerOptions: { target: 'es2023', verbatimModuleSyntax: true } },
  });
  return result.outputFiles;
}

async function writeIfChanged(path, contents) {
  const existing = await readFile(path).catch(orIfMissing(undefined));
  if (existing?.equals(contents)) return false;
  const beside = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(beside, contents);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return true;
}

async function removeStale(outputFolder, current) {
  const files = await listFiles(outputFolder);
  const stale = [];
  for (const path of files) {
    if (path.endsWith('.js') ? !current.has(path) : await isAbandoned(path)) stale.push(path);
  }
  await Promise.all(stale.map((path) => rm(path, { force: true })));
  return stale;
}

async function isAbandoned(path) {
  if (!path.endsWith('.tmp')) return false;
  const found = await stat(path).catch(orIfMissing(undefined));
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
}

function orIfMissing(fallback) {
  return (error) => {
    if (error.code === 'ENOENT') return fallback;
    throw error;
  };
}

const startedDirectly =
  process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (startedDirectly) {
  await build().catch((error) => {
    if (!Array.isArray(error.errors)) console.error(error.message); // else esbuild has printed them
    process.exitCode = 1;
  });
}
