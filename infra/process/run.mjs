/**
 * `node infra/process/run.mjs supervisor/main.ts ARGS…`: builds what changed and runs the program in this same process.
 * Where nothing can be built (a container image without esbuild, a read-only tree), runs what is there.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const CANNOT_BUILD_HERE = new Set(['ERR_MODULE_NOT_FOUND', 'EROFS', 'EACCES', 'EPERM']);

const [source, ...programArguments] = process.argv.slice(2);
if (source === undefined) {
  console.error('usage: node infra/process/run.mjs PROGRAM.ts [ARGUMENT…]');
  process.exit(2);
}
const program = join(root, 'dist', source.replace(/\.ts$/, '.js'));

try {
  await build(root);
} catch (error) {
  const buildErrorsArePrinted = Array.isArray(error.errors);
  if (buildErrorsArePrinted) process.exit(1);
  if (!CANNOT_BUILD_HERE.has(error.code) || !existsSync(program)) {
    console.error(`cannot build: ${error.message}`);
    process.exit(1);
  }
}
if (!existsSync(program)) {
  console.error(`there is no ${source}`);
  process.exit(1);
}

// The SDK announces in every process when it will stop supporting Node 20; our range of it is capped.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
process.argv = [process.argv[0], program, ...programArguments];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(program).href);
