import { describe, expect, it } from 'vitest';
import { WriteSync } from '../../../infra/embedded/write-sync.js';
import type { Durability } from '../../../contracts/settings/durability.js';
import { eventually } from '../../support/eventually.js';

function writeSync(durability: Durability) {
  const ends: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const failures: unknown[] = [];
  const time = { nowMs: 0 };
  const sync = new WriteSync({
    durability,
    syncDisk: () => new Promise((resolve, reject) => ends.push({ resolve, reject })),
    now: () => time.nowMs,
    onFailure: (error) => failures.push(error),
  });
  return { sync, ends, failures, time };
}

async function isSettled(promise: Promise<void> | undefined): Promise<boolean> {
  const pending = Symbol();
  await new Promise(setImmediate);
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('sync', () => {
  it('lets a reply wait for a sync that began after its write, and many replies share one', async () => {
    const { sync, ends } = writeSync('sync');
    expect(sync.beforeReply()).toBeUndefined();
    sync.noteWrite();
    const first = sync.beforeReply();
    sync.noteWrite();
    const others = [sync.beforeReply(), sync.beforeReply()];
    expect(ends).toHaveLength(1);
    ends[0]?.resolve();
    await first;
    expect(await isSettled(others[0])).toBe(false);
    expect(ends).toHaveLength(2);
    ends[1]?.resolve();
    for (const other of others) await other;
    expect(sync.beforeReply()).toBeUndefined();
    expect(ends).toHaveLength(2);
  });

  it('tells a reply whose sync failed, and tries again for the next', async () => {
    const { sync, ends } = writeSync('sync');
    sync.noteWrite();
    const first = sync.beforeReply();
    ends[0]?.reject(new Error('EIO'));
    await expect(first).rejects.toThrow('EIO');
    const second = sync.beforeReply();
    ends[1]?.resolve();
    await second;
  });
});

describe('everysec', () => {
  it('syncs by itself at least once a second, and only where there is something to sync', async () => {
    const { sync, ends } = writeSync('everysec');
    sync.noteWrite();
    expect(sync.beforeReply()).toBeUndefined();
    const startedAt = performance.now();
    sync.start();
    await eventually(() => ends.length === 1, { timeoutMs: 2000 });
    expect(performance.now() - startedAt).toBeLessThan(1000);
    ends[0]?.resolve();
    await sync.stop();
    expect(ends).toHaveLength(1);
  });

  it('holds replies up where the disk does not keep up', async () => {
    const { sync, ends, time } = writeSync('everysec');
    sync.noteWrite();
    time.nowMs = 999;
    expect(sync.beforeReply()).toBeUndefined();
    time.nowMs = 1001;
    const late = sync.beforeReply();
    expect(late).toBeInstanceOf(Promise);
    ends[0]?.resolve();
    await late;
  });

  it('says what it could not sync, and syncs once more at the end', async () => {
    const { sync, ends, failures } = writeSync('everysec');
    sync.start();
    sync.noteWrite();
    const stopped = sync.stop();
    await eventually(() => ends.length === 1);
    ends[0]?.reject(new Error('EIO'));
    await eventually(() => failures.length === 1);
    await eventually(() => ends.length === 2);
    ends[1]?.resolve();
    await stopped;
  });
});
