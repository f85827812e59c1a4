import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startHttpCoordinator, type HttpCoordinator } from '../../support/http-coordinator.js';

describe('whoever asks for much', () => {
  let coordinator: HttpCoordinator | undefined;
  afterEach(async () => {
    vi.restoreAllMocks();
    await coordinator?.stop();
  });

  it('gets two lists at a time, the rest in turn or later, and slows down nobody else', async () => {
    const { batches, call, post } = (coordinator = await startHttpCoordinator());
    const open = { now: 0, most: 0 };
    const slowly = vi.spyOn(batches, 'listByTime').mockImplementation(async () => {
      open.most = Math.max(open.most, (open.now += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      open.now -= 1;
      return { entries: [], more: false };
    });
    const lists = Promise.all(
      Array.from({ length: 100 }, (_, index) => call(`/tasks?status=cancelled&limit=${1 + (index % 200)}`)),
    );
    await eventually(() => open.now > 0);
    expect((await post({ text: 'beside them' })).status).toBe(200);
    const answers = await lists;
    const refused = answers.filter(({ status }) => status !== 200);
    expect(open.most).toBe(2);
    expect(refused.length).toBeGreaterThan(10);
    for (const refusal of refused) {
      expect(refusal).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
      expect(refusal.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    expect(slowly.mock.calls.length).toBeLessThanOrEqual(8 * 95);
  });

  it.each(['/stats', '/workers', '/readyz'])('shares one reading of %s', async (path) => {
    const { queue, workers, call } = (coordinator = await startHttpCoordinator());
    const slowly = <T>(result: T) => new Promise<T>((resolve) => setTimeout(resolve, 50, result));
    const depth = vi.spyOn(queue, 'depth');
    depth.mockImplementation(() => slowly({ visible: 0, inFlight: 0, delayed: 0 }));
    const list = vi.spyOn(workers, 'list').mockImplementation(() => slowly([]));
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(path)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(Math.max(depth.mock.calls.length, list.mock.calls.length)).toBeLessThan(30);
  });

  it('stops the reading of a list by leaving', async () => {
    const { batches, url } = (coordinator = await startHttpCoordinator());
    const gone = new AbortController();
    const reads = vi.spyOn(batches, 'listByTime').mockImplementation(async () => {
      gone.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { entries: [], more: false };
    });
    await expect(fetch(`${url}/tasks`, { signal: gone.signal })).rejects.toThrow();
    const ended = vi.fn();
    await coordinator.call('/tasks?limit=1').then(ended);
    expect(ended).toHaveBeenCalled();
    expect(reads.mock.calls.length).toBeLessThanOrEqual(2 + 8);
  });
});
