import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Logger } from '../../../contracts/system/logger.js';
import { DynamoBatchStore } from '../../../infra/aws/dynamo-batch-store.js';
import { ensureTables } from '../../../infra/aws/ensure-tables.js';
import { openDataFolder } from '../../../infra/embedded/data-folder.js';
import { createDynamoServer } from '../../../infra/embedded/dynamo-server.js';
import { startPersistence } from '../../../infra/embedded/persistence.js';
import { closeServer, listen } from '../../../infra/http/serve.js';
import { explainFolderError } from '../../../infra/process/private-folder.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { clientsOf, silent, startBareStack, startTestStack, type TestStack } from '../../support/embedded.js';
import { eventually } from '../../support/eventually.js';
import { sampleBatch } from '../../support/sample-batch.js';
import { tempFolder } from '../../support/temp-folder.js';

const storeOf = ({ clients, resources }: TestStack) =>
  new DynamoBatchStore(clients.dynamodb, resources.tableNames.batches);

function logged() {
  const events: { readonly event: string; readonly fields: object }[] = [];
  const note = (fields: object, event: string) => void events.push({ fields, event });
  const logger: Logger = { ...silent, info: note, warn: note, error: note };
  return { logger, events };
}

describe('a damaged folder', () => {
  const files = (folder: string, pattern: RegExp) =>
    readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));

  it.each([
    ['whose CURRENT is empty', (folder: string) => truncateSync(join(folder, 'CURRENT'))],
    ['whose CURRENT is missing', (folder: string) => rmSync(join(folder, 'CURRENT'))],
    [
      'whose manifest is missing',
      (folder: string) => files(folder, /^MANIFEST/).forEach((path) => rmSync(path)),
    ],
    [
      'whose manifest is empty',
      (folder: string) => files(folder, /^MANIFEST/).forEach((path) => truncateSync(path)),
    ],
  ])('%s is mended, and how it was stays beside it', async (_, damage) => {
    const dataDir = await tempFolder();
    const batch = sampleBatch();
    const first = await startTestStack({ dataDir });
    await storeOf(first).create(batch);
    await first.close();
    damage(join(dataDir, 'dynamodb'));
    const { logger, events } = logged();
    const second = await startTestStack({ dataDir, logger });
    onTestFinished(() => second.close());
    expect(await storeOf(second).read(batch.id)).toEqual(batch);
    expect((await storeOf(second).listOpen(10)).entries).toEqual([{ id: batch.id, atMs: batch.dueAtMs }]);
    const backup = join(dataDir, 'dynamodb-before-repair');
    expect(events).toContainEqual({
      event: 'stack.repaired',
      fields: expect.objectContaining({ folder: join(dataDir, 'dynamodb'), backup }) as object,
    });
    expect(readdirSync(backup).length).toBeGreaterThan(0);
  });

  it('whose tables are no longer described gets them back with what its log held', async () => {
    const dataDir = await tempFolder();
    const folder = join(dataDir, 'dynamodb');
    const first = await startTestStack({ dataDir });
    await first.close();
    const level = new ClassicLevel(folder);
    await level.compactRange('', '\uffff');
    await level.close();
    const batch = sampleBatch();
    const second = await startTestStack({ dataDir });
    await storeOf(second).create(batch);
    await second.close();
    files(folder, /\.ldb$/).forEach((path) => rmSync(path));
    const { logger, events } = logged();
    const third = await startTestStack({ dataDir, logger });
    onTestFinished(() => third.close());
    expect((await storeOf(third).listOpen(10)).entries).toEqual([{ id: batch.id, atMs: batch.dueAtMs }]);
    expect(events).toContainEqual({
      event: 'stack.tables_restored',
      fields: { folder, tables: [tableNames.batches] },
    });
    expect(events).toContainEqual({ event: 'stack.indexes_rebuilt', fields: { folder, unfinished: 1 } });
  });

  it('that is found damaged while it runs is repaired by the next start, however the process ends', async () => {
    const dataDir = await tempFolder();
    const first = await openDataFolder(dataDir, silent);
    first.markDamaged();
    await first.markCleanStop();
    const { logger, events } = logged();
    await openDataFolder(dataDir, logger);
    expect(events.map(({ event }) => event)).toContain('stack.repaired');
    expect(readdirSync(dataDir)).not.toContain('dynamodb-damaged');
  });

  it('that holds something else is refused, and left as it is', async () => {
    const dataDir = await tempFolder();
    mkdirSync(join(dataDir, 'dynamodb'));
    writeFileSync(join(dataDir, 'dynamodb', 'thesis.tex'), '');
    await expect(startBareStack(dataDir)).rejects.toThrow(
      `${dataDir}/dynamodb is no folder of tables: it holds thesis.tex. Way out: choose another folder`,
    );
    expect(readdirSync(join(dataDir, 'dynamodb'))).toEqual(['thesis.tex']);
  });

  it('that is a file is refused with cause and way out', async () => {
    const dataDir = join(await tempFolder(), 'data');
    writeFileSync(dataDir, '');
    await expect(startBareStack(dataDir)).rejects.toThrow(
      /cannot be used: .* is a file.* choose another folder/,
    );
  });

  it.each([
    'dynamodb/CURRENT',
    'dynamodb/LOCK',
    'dynamodb/000007.log',
    'dynamodb-clean-stop',
    'dynamodb-damaged',
  ])('with a folder in place of %s is refused with a way out', async (name) => {
    const dataDir = await tempFolder();
    mkdirSync(join(dataDir, name), { recursive: true });
    await expect(startBareStack(dataDir)).rejects.toThrow(
      `${join(dataDir, name)} cannot be used: it is a folder where a file belongs. Way out: move it away`,
    );
  });

  it('that is a link to nothing is refused with a way out', async () => {
    const dataDir = await tempFolder();
    symlinkSync(join(dataDir, 'nowhere'), join(dataDir, 'dynamodb'));
    await expect(startBareStack(dataDir)).rejects.toThrow(/dynamodb cannot be used: .* Way out: .*link/);
  });

  it('is for its owner alone', async () => {
    const dataDir = await tempFolder();
    const before = process.umask(0o022);
    onTestFinished(() => void process.umask(before));
    await (await startBareStack(dataDir)).close();
    chmodSync(join(dataDir, 'dynamodb'), 0o755);
    await (await startBareStack(dataDir)).close();
    expect(statSync(dataDir).mode & 0o077).toBe(0);
    expect(statSync(join(dataDir, 'dynamodb')).mode & 0o077).toBe(0);
  });

  it.each([
    ['EACCES', 'permission denied: it belongs to root (a run with sudo?)', 'sudo chown'],
    ['ENOSPC', 'the disk is full', 'make room'],
    ['EROFS', 'read-only', 'mount it for writing'],
  ])('says what %s means', (code, cause, wayOut) => {
    const own = process.getuid?.() === 0 ? 1 : 0;
    const { message } = explainFolderError('/data', Object.assign(new Error(code), { code }), own);
    expect(message).toContain('/data cannot be used');
    expect(message).toContain(own === 0 ? cause : cause.replace(/root.*/, 'the user 1'));
    expect(message).toContain(wayOut);
  });
});

describe('a disk that fails while it runs', () => {
  it('costs its writers an error and nobody else anything, until it can be written again', async () => {
    const folder = await tempFolder();
    const { logger, events } = logged();
    const { server, store } = createDynamoServer(folder);
    const disk = { isFull: false };
    const put = store.db.put.bind(store.db);
    store.db.put = (...given) =>
      disk.isFull
        ? Promise.reject(
            Object.assign(new Error('IO error: No space left on device'), { code: 'LEVEL_IO_ERROR' }),
          )
        : put(...given);
    const persistence = startPersistence({ folder, store, server, durability: 'sync', logger });
    const clients = clientsOf(`http://127.0.0.1:${await listen(server, '127.0.0.1', 0)}`);
    onTestFinished(async () => {
      clients.close();
      await persistence.stopRecovery();
      await closeServer(server, 1000);
      expect(await persistence.stop()).toBe(true);
    });
    await ensureTables(clients.dynamodb);
    const batches = new DynamoBatchStore(clients.dynamodb, tableNames.batches);
    const before = sampleBatch();
    await batches.create(before);
    disk.isFull = true;
    await expect(batches.create(sampleBatch())).rejects.toMatchObject({ refusal: { kind: 'storage_full' } });
    await expect(batches.create(sampleBatch())).rejects.toMatchObject({ refusal: { kind: 'storage_full' } });
    expect(await batches.read(before.id)).toEqual(before);
    expect(events).toContainEqual({
      event: 'stack.write_failed',
      fields: { folder, error: expect.stringContaining('the disk is full') as string },
    });
    expect(JSON.stringify(events)).toContain('32.0 MiB are free');
    disk.isFull = false;
    await eventually(() => events.some(({ event }) => event === 'stack.write_recovered'), {
      timeoutMs: 5000,
    });
    const after = sampleBatch();
    await batches.create(after);
    expect(await batches.readMany([before.id, after.id])).toHaveLength(2);
  });
});
