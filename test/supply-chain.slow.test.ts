/** Tests what the product says of its parts: a bill of materials from the lock file, and where to report a weakness. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../infra/process/project-root.js';

const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const billSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ name: z.string(), group: z.string().optional(), version: z.string() })),
});

it('npm run sbom lists every dependency, with its version', async () => {
  const options = { cwd: projectRoot, maxBuffer: 16 * 1024 * 1024, timeout: 60_000 };
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], options);
  const { components } = billSchema.parse(JSON.parse(stdout));
  const { dependencies } = packageSchema.parse(
    JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')),
  );
  const listed = components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
  expect(listed).toEqual(expect.arrayContaining(Object.keys(dependencies)));
});

it('SECURITY.md says how to report, what is supported, and what is protected against whom', async () => {
  const text = await readFile(join(projectRoot, 'SECURITY.md'), 'utf8');
  for (const heading of ['Report a weakness', 'Supported versions', 'What is protected against whom'])
    expect(text).toContain(`## ${heading}`);
});
