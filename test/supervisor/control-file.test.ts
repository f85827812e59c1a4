import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { identityOf, ownIdentity } from '../../infra/process/process-identity.js';
import { call } from '../../tools/kit/system/call.js';
import { connectSupervised } from '../../tools/kit/system/supervised-system.js';
import { NothingRunsError } from '../../tools/kit/system/system.js';
import { readSupervisorConfig } from '../../supervisor/config.js';
import { createControl } from '../../supervisor/control.js';
import { readControlFile, writeControlFile } from '../../supervisor/control-file.js';
import { processListSchema, type ControlFile } from '../../contracts/control/control-protocol.js';
import { createSupervisor } from '../../supervisor/supervisor.js';
import { silent } from '../support/embedded.js';
import { temporaryFolder } from '../support/process/diary.js';

const note: ControlFile = {
  controlUrl: 'http://127.0.0.1:1',
  token: 'secret',
  workerToken: 'shared',
  coordinatorUrl: 'http://127.0.0.1:8080',
  stackUrl: 'http://127.0.0.1:4566',
  workers: [{ id: 'worker-1', url: 'http://127.0.0.1:9001' }],
  pid: 4711,
};
const noStack = { emptyQueue: () => Promise.reject(new Error('not asked for')) };
const NOBODY_STOPS = new AbortController().signal;

function control(folder: string, environment: Readonly<Record<string, string>> = {}) {
  const config = readSupervisorConfig({ BOOMERANG_DATA: folder, ...environment }, '/project', '/');
  const ignore = (): void => undefined;
  const supervisor = createSupervisor([], { onLine: ignore, onExit: ignore });
  return createControl({ config, supervisor, logger: silent });
}

const addresses = { coordinatorUrl: note.coordinatorUrl, stackUrl: note.stackUrl, workers: [] };

describe('the note of a running system', () => {
  it('is read as it was written, and only its owner can read it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'supervisor.json'), 'an old one, open to all', { mode: 0o644 });
    await writeControlFile(folder, note);
    expect(await readControlFile(folder)).toEqual(note);
    expect(statSync(join(folder, 'supervisor.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['supervisor.json']);
  });

  it.each(['', '{"controlUrl":', '{"controlUrl":"http://127.0.0.1:1"}'])('reads %j as none', async (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'supervisor.json'), text);
    expect(await readControlFile(folder)).toBeUndefined();
  });

  it('is none where its number is another process’s now', async () => {
    const folder = temporaryFolder();
    const own = ownIdentity();
    await writeControlFile(folder, { ...note, ...own });
    expect(await readControlFile(folder)).toEqual({ ...note, ...own });
    await writeControlFile(folder, { ...note, ...own, started: `${own.started}0` });
    expect(await readControlFile(folder)).toBeUndefined();
  });

  it('leads to a control server that wants its token, for as long as the system runs', async () => {
    const folder = temporaryFolder();
    const { open, close } = await control(folder, { WORKER_TOKEN: 'shared', INVOKE_TIMEOUT_MS: '2000' });
    expect(existsSync(join(folder, 'supervisor.json'))).toBe(false);
    await open(addresses, NOBODY_STOPS);
    const found = await readControlFile(folder);
    if (found === undefined) throw new Error('there is no note');
    expect(found).toMatchObject({
      workerToken: 'shared',
      pid: process.pid,
      coordinatorUrl: note.coordinatorUrl,
      settings: { VISIBILITY_TIMEOUT_SECONDS: '5', INVOKE_TIMEOUT_MS: '2000', FAULTS: 'demo' },
    });
    expect(found.token.length).toBeGreaterThan(30);
    const ask = (token: string) => call('it', `${found.controlUrl}/processes`, processListSchema, { token });
    expect(await ask(found.token)).toEqual({ processes: [] });
    await expect(ask('shared')).rejects.toThrow('this needs the token');
    await close();
    await expect(ask(found.token)).rejects.toThrow('does not answer');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not outlive a copy that was killed: the next one clears it away, live faults too', async () => {
    const folder = temporaryFolder();
    await writeControlFile(folder, note);
    mkdirSync(join(folder, 'faults'));
    writeFileSync(join(folder, 'faults', 'worker-1.json'), '[{"faults":"crash=1"}]');
    const { close } = await control(folder);
    expect(readdirSync(folder)).toEqual(['supervisor.pid']);
    await close();
  });

  it('is left alone where the folder is another copy’s', async () => {
    const folder = temporaryFolder();
    await writeControlFile(folder, note);
    const { pid, started } = identityOf(process.ppid) ?? {};
    writeFileSync(join(folder, 'supervisor.pid'), `${pid} ${started}`);
    const { open, close } = await control(folder, { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' });
    await open(addresses, NOBODY_STOPS);
    await close();
    expect(await readControlFile(folder)).toEqual(note);
    expect(readdirSync(folder)).toEqual(['supervisor.json', 'supervisor.pid']);
  });
});

describe('connecting', () => {
  it('says that nothing runs where there is no note', async () => {
    const connecting = connectSupervised(temporaryFolder(), noStack);
    await expect(connecting).rejects.toThrow(NothingRunsError);
    await expect(connecting).rejects.toThrow('start one with npm start');
  });

  it('says that nothing answers where the note is all that is left', async () => {
    const folder = temporaryFolder();
    await writeControlFile(folder, note);
    const connecting = connectSupervised(folder, noStack);
    await expect(connecting).rejects.toThrow(NothingRunsError);
    await expect(connecting).rejects.toThrow('does not answer any more (process 4711)');
  });

  it('does not take another program on the same port for the system', async () => {
    const server = createServer((_request, response) => response.end('{"hello":"world"}')).listen(
      0,
      '127.0.0.1',
    );
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const folder = temporaryFolder();
    const { port } = server.address() as AddressInfo;
    await writeControlFile(folder, { ...note, controlUrl: `http://127.0.0.1:${port}` });
    await expect(connectSupervised(folder, noStack)).rejects.toThrow('answered something else than expected');
  });
});
