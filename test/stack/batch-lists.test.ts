import { beforeAll, describe, expect, it } from 'vitest';
import type { IndexPage } from '../../contracts/stack/batch-store.js';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { useStack } from '../support/any-stack.js';
import { eventually } from '../support/eventually.js';
import { finished, HOUR, HOUR_MS, sampleBatch } from '../support/sample-batch.js';

const COUNT = 25;
/** Index reads may lag behind the table. */
const LATEST = Number.MAX_SAFE_INTEGER;
const times = Array.from({ length: COUNT }, (_, index) => HOUR * HOUR_MS + index * 10.5);

const stack = useStack();
let store: DynamoBatchStore;

beforeAll(async () => {
  store = new DynamoBatchStore(stack().clients.dynamodb, (await stack().tables()).batches);
  const batches = times.map((createdAtMs) => sampleBatch({ createdAtMs, attentionAtMs: createdAtMs }));
  await Promise.all(batches.map((batch) => store.create(batch)));
  await store.create(sampleBatch({ createdAtMs: (HOUR - 1) * HOUR_MS + 1 }));
  await eventually(async () => {
    const pages = [await store.listByTime(HOUR, LATEST, 100), await store.listAttention(LATEST, 100)];
    return pages.every(({ entries }) => entries.length === COUNT);
  });
});

async function walk(readPage: (beforeMs: number) => Promise<IndexPage>): Promise<IndexPage[]> {
  const pages: IndexPage[] = [];
  let beforeMs = Infinity;
  for (;;) {
    const page = await readPage(Math.min(beforeMs, LATEST));
    pages.push(page);
    if (!page.more) return pages;
    beforeMs = page.entries.at(-1)?.atMs ?? 0;
  }
}

function timesOf(pages: readonly IndexPage[]): number[] {
  return pages.flatMap(({ entries }) => entries.map(({ atMs }) => atMs));
}

describe('lists of batches', () => {
  it('walks an hour page by page, newest first, each batch once', async () => {
    const pages = await walk((beforeMs) => store.listByTime(HOUR, beforeMs, 10));
    expect(pages.map(({ entries }) => entries.length)).toEqual([10, 10, 5]);
    expect(timesOf(pages)).toEqual([...times].reverse());
  });

  it('promises no more where a page ends with the last batch', async () => {
    expect(await store.listByTime(HOUR, LATEST, COUNT)).toMatchObject({ more: false });
    expect(await store.listByTime(HOUR + 1, LATEST, 10)).toEqual({
      entries: [],
      more: false,
    });
  });

  it('does not lose batches of one time at the end of a page', async () => {
    const hour = HOUR + 5;
    const [early, late] = [hour * HOUR_MS + 1, hour * HOUR_MS + 2];
    await Promise.all(
      [early, early, early, late].map((createdAtMs) => store.create(sampleBatch({ createdAtMs }))),
    );
    await eventually(async () => {
      const pages = await walk((beforeMs) => store.listByTime(hour, beforeMs, 3));
      expect(timesOf(pages)).toEqual([late, early, early, early]);
    });
  });

  it('walks the failed, newest first', async () => {
    const pages = await walk((beforeMs) => store.listAttention(beforeMs, 7));
    expect(timesOf(pages)).toEqual([...times].reverse());
  });

  it('shows the longest untouched of the unfinished first, and drops the finished', async () => {
    const dueAtMs = 1;
    const batch = sampleBatch({ dueAtMs });
    await store.create(batch);
    await eventually(async () => {
      expect(await store.listOpen(1)).toEqual({ entries: [{ id: batch.id, atMs: dueAtMs }], more: true });
    });
    await store.replace(batch, finished(batch));
    const entries = await eventually(async () => {
      const page = await store.listOpen(1000);
      return page.entries.some(({ id }) => id === batch.id) ? false : page.entries;
    });
    expect(entries.map(({ atMs }) => atMs)).toEqual(entries.map(({ atMs }) => atMs).sort((a, b) => a - b));
  });
});
