import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../infra/process/project-root.js';
import { summarySchema } from '../../../tools/burst/summary-schema.js';
import { startProgram, type StartOptions } from '../../support/process/child.js';
import { eventually } from '../../support/eventually.js';
import { tempFolder } from '../../support/temp-folder.js';
import { problem, startFakeCoordinator, wellAnswered } from './support/fake-coordinator.js';

function startBurst(words: readonly string[], environment: StartOptions['environment'] = {}) {
  const program = join(projectRoot, 'dist/tools/burst/main.js');
  return startProgram(program, { programArguments: words, environment: { API_KEY: '', ...environment } });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const QUICK = ['--rate', '200', '--count', '20'];

describe('the program burst', () => {
  it('ends with 0, and prints for programs what the schema says', async () => {
    const { url } = await startFakeCoordinator();
    const program = startBurst(['--url', url, ...QUICK, '--json', '--fail-if', 'lost=0'], {
      API_KEY: 'secret',
    });
    expect(await program.end()).toBe(0);
    expect(summarySchema.parse(JSON.parse(program.stdout()))).toMatchObject({
      kind: 'boomerang-burst',
      version: 1,
      stopped: false,
      requests: { planned: 20, sent: 20, dropped: 0, judged: 20 },
      outcomes: { ok: 20 },
      gates: [{ gate: 'lost=0', held: true, value: 0 }],
    });
    expect(program.stderr()).toBe('\n✓ held    lost=0: 0\n');
  });

  it('ends with 99 where a condition does not hold', async () => {
    const { url } = await startFakeCoordinator({ infer: () => problem(429, 'overloaded') });
    const program = startBurst(['--url', url, ...QUICK, '--fail-if', 'error<1%']);
    expect(await program.end()).toBe(99);
    expect(program.stdout()).toContain('✗ broken  error<1%: 100%');
    expect(program.stdout()).not.toContain('\u001b');
  });

  it('ends with 1 and one line where nothing listens', async () => {
    const program = startBurst(['--url', `http://127.0.0.1:${await freePort()}`]);
    expect(await program.end()).toBe(1);
    expect(program.stderr()).toMatch(/^http:.* does not answer .*: is it running there\?\n$/);
    expect(program.stdout()).toBe('');
  });

  it('reports when somebody presses Ctrl-C, and writes its files', async () => {
    const file = join(await tempFolder(), 'rows.ndjson');
    const { url, requested } = await startFakeCoordinator({
      infer: (one, turn) => (turn <= 5 ? wellAnswered(one) : undefined),
    });
    const program = startBurst(['--url', url, '--rate', '100', '--duration', '50s', '--ndjson', file]);
    await eventually(() => requested.length > 10);
    program.child.kill('SIGINT');
    expect(await program.end()).toBe(0);
    expect(program.stdout()).toMatch(/stopped by hand after/);
    expect(program.stdout()).toMatch(/ok +5 /);
    const rows = (await readFile(file, 'utf8')).trim().split('\n');
    expect(rows.length).toBe(requested.length);
    expect(rows.filter((row) => row.includes('"outcome":"stopped"')).length).toBe(requested.length - 5);
  });

  it('goes on where nobody reads what it shows, and says by its exit code that it was not heard', async () => {
    const file = join(await tempFolder(), 'a.json');
    const { url, requested } = await startFakeCoordinator();
    const words = ['--rate', '50', '--count', '30', '--each', '--json', file];
    const program = startBurst(['--url', url, ...words]);
    program.child.stdout?.once('data', () => program.child.stdout?.destroy());
    expect(await program.end()).toBe(1);
    expect(program.stderr()).toBe('');
    expect(requested).toHaveLength(30);
    const summary = summarySchema.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(summary.outcomes.ok).toBe(30);
  });

  it('ends at once when somebody keeps pressing it', async () => {
    const { url, requested } = await startFakeCoordinator({ infer: () => undefined });
    const program = startBurst(['--url', url, '--rate', '100', '--duration', '50s']);
    await eventually(() => requested.length > 0);
    await eventually(() => {
      program.child.kill('SIGINT');
      return program.child.exitCode !== null;
    });
    expect(await program.end()).toBe(130);
    expect(program.stdout()).not.toContain('stopped by hand after');
  });
});
