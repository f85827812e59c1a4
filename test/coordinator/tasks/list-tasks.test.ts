import { beforeEach, describe, expect, it } from 'vitest';
import { EmptyHours } from '../../../coordinator/tasks/empty-hours.js';
import {
  listTasks,
  type ListPorts,
  type ListQuery,
  type TaskPage,
} from '../../../coordinator/tasks/list-tasks.js';
import { ManualClock } from '../../support/manual-clock.js';
import { MemoryBatchStore } from '../../support/memory-stack.js';
import { HOUR_MS, sampleBatch } from '../../support/sample-batch.js';

const RETENTION_MS = 24 * HOUR_MS;

class CountingStore extends MemoryBatchStore {
  queries = 0;

  override listByTime(...requested: Parameters<MemoryBatchStore['listByTime']>) {
    this.queries += 1;
    return super.listByTime(...requested);
  }
}

describe('a page of tasks', () => {
  let clock: ManualClock;
  let batches: CountingStore;
  let ports: ListPorts;
  let unreadable: string[];
  beforeEach(() => {
    clock = new ManualClock();
    batches = new CountingStore();
    unreadable = [];
    ports = { clock, batches, emptyHours: new EmptyHours(clock), onUnreadable: (id) => unreadable.push(id) };
  });

  const store = async (agoMs: number, change: Parameters<typeof sampleBatch>[0] = {}) => {
    const createdAtMs = clock.now() - agoMs;
    const inputs = [{ text: 'text', requestId: 'r', acceptedAtMs: createdAtMs }];
    const slots = [{ status: 'open' as const, failedAlone: 0 }];
    await batches.create(sampleBatch({ createdAtMs, inputs, tasks: slots, ...change }));
  };
  const page = (query: Partial<ListQuery> = {}, gone?: AbortSignal) =>
    listTasks(ports, { limit: 50, ...query }, RETENTION_MS, gone);
  const all = async (query: Partial<ListQuery> = {}): Promise<TaskPage[]> => {
    const pages = [await page(query)];
    for (let cursor = pages[0]?.cursor; cursor !== undefined; cursor = pages.at(-1)?.cursor) {
      pages.push(await page({ ...query, cursor }));
    }
    return pages;
  };

  it.each([undefined, 'cancelled'] as const)('asks the index eight times at most (%s)', async (status) => {
    for (let ago = 0; ago < 40; ago += 1) await store(ago * 700_000);
    const pages = await all({ status });
    expect(batches.queries / pages.length).toBeLessThanOrEqual(8);
    expect(pages.flatMap(({ tasks }) => tasks)).toHaveLength(status === undefined ? 40 : 0);
  });

  it('leads over many empty hours to what is there', async () => {
    await store(0);
    await store(20 * HOUR_MS);
    await store(45 * HOUR_MS);
    const pages = await all();
    expect(pages[0]?.tasks).toHaveLength(1);
    expect(pages.flatMap(({ tasks }) => tasks)).toHaveLength(3);
  });

  it('does not ask again for hours that were empty a moment ago', async () => {
    await store(0);
    await all();
    batches.queries = 0;
    const [first, ...others] = await all();
    expect(first?.tasks).toHaveLength(1);
    expect(others).toEqual([]);
    expect(batches.queries).toBeLessThanOrEqual(3);
    clock.advance(60_000);
    expect((await all()).length).toBeGreaterThan(1);
  });

  it('leaves out and counts what cannot be shown', async () => {
    await store(1000, { inputs: [{ text: 'forged', requestId: 'r', acceptedAtMs: 1e300 }] });
    await store(2000);
    expect((await all()).flatMap(({ tasks }) => tasks)).toHaveLength(1);
    expect(unreadable).toHaveLength(1);
  });

  it.each([
    '{"atMs":1e300,"id":"x","slot":0}',
    '{"atMs":-1,"id":"x","slot":0}',
    '{"atMs":1,"id":"x","slot":-1}',
    '{"atMs":1,"id":"x","slot":0.5}',
    '{"atMs":"1","id":"x","slot":0}',
    '{"atMs":1,"id":1,"slot":0}',
    'null',
  ])('refuses the cursor %s', async (text) => {
    const cursor = Buffer.from(text).toString('base64url');
    await expect(page({ cursor })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('begins now with a cursor from the far future', async () => {
    await store(0);
    const cursor = Buffer.from('{"atMs":8.64e15,"id":"x","slot":0}').toString('base64url');
    expect((await page({ cursor })).tasks).toHaveLength(1);
  });

  it('is read no further once nobody waits for it', async () => {
    await page({}, AbortSignal.abort());
    expect(batches.queries).toBe(1);
  });
});
