/** The runner of the checks, on files of checks of the test's own. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';
import { tempFolder } from '../support/temp-folder.js';

const checksSchema = z.array(z.object({ name: z.string(), verdict: z.string(), why: z.string().optional() }));

/** Vitest cannot run in itself: a process of its own does. */
const PROGRAM = `
  const { runChecks } = await import(process.argv[1]);
  const run = { root: process.argv[2], prefix: 'test-', signal: new AbortController().signal, onCheck: () => {} };
  const checks = await runChecks({ live: false, region: 'us-east-1' }, run);
  process.stdout.write(JSON.stringify(checks), () => process.exit());
`;

async function checksOf(files: Readonly<Record<string, string>>) {
  const root = await tempFolder();
  await mkdir(join(root, 'test', 'stack'), { recursive: true });
  await writeFile(join(root, 'vitest.config.mjs'), 'export default { test: { globals: true } };');
  for (const [name, content] of Object.entries(files))
    await writeFile(join(root, 'test', 'stack', `${name}.test.mjs`), content);
  const runner = join(projectRoot, 'dist', 'conformance', 'run-checks.js');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, runner, root], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return checksSchema.parse(JSON.parse(await text(child.stdout)));
}

const WHOLE = `it('holds', () => expect(1).toBe(1));`;

it('checks that were never told of, since their process ended, are no success', async () => {
  const checks = await checksOf({
    whole: WHOLE,
    broken: `it('ends', () => process.kill(process.pid, 'SIGKILL'));`,
  });
  expect(checks).toContainEqual({ name: 'holds', verdict: 'passed' });
  expect(checks.map(({ verdict }) => verdict)).toContain('failed');
});

it('an error outside of any check is no success', async () => {
  const checks = await checksOf({
    whole: `${WHOLE} it('leaves one behind', () => void Promise.reject(new Error('astray')));`,
  });
  expect(checks).toContainEqual({ name: 'outside of the checks', verdict: 'failed', why: 'astray' });
});
