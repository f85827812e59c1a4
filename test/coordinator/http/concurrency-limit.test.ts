import { describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from '../../../coordinator/http/concurrency-limit.js';
import { SharedReading } from '../../../coordinator/async/shared-reading.js';
import { ManualClock } from '../../support/manual-clock.js';

const HERE = new AbortController().signal;
const deferred = () => {
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
};

describe('requests of one kind', () => {
  const setUp = () => {
    const clock = new ManualClock();
    const limit = new ConcurrencyLimit(clock, { running: 2, waiting: 2, waitMs: 1000 });
    const started: string[] = [];
    const ask = (name: string, result: Promise<string>, gone = HERE) =>
      limit.run(gone, () => {
        started.push(name);
        return result;
      });
    return { clock, started, ask };
  };

  it('read two at a time, the others in turn', async () => {
    const { clock, started, ask } = setUp();
    const [a, b] = [deferred(), deferred()];
    const reads = [ask('a', a.promise), ask('b', b.promise), ask('c', Promise.resolve('c'))];
    expect(started).toEqual(['a', 'b']);
    b.reject(new Error('failed'));
    await expect(reads[1]).rejects.toThrow('failed');
    expect(await reads[2]).toBe('c');
    a.resolve('a');
    expect(await reads[0]).toBe('a');
    expect(await ask('d', Promise.resolve('d'))).toBe('d');
    expect(clock.pendingTimers).toBe(0);
  });

  it('are refused where too many wait, or when they waited for too long', async () => {
    const { clock, ask } = setUp();
    const slow = deferred();
    const running = [ask('a', slow.promise), ask('b', slow.promise)];
    const waiting = [ask('c', slow.promise), ask('d', slow.promise)].map((read) =>
      read.catch((e: unknown) => e),
    );
    const refusal = { code: 'too_many_requests', details: { retryAfterSeconds: 2 } };
    await expect(ask('e', slow.promise)).rejects.toMatchObject(refusal);
    clock.advance(1000);
    for (const read of waiting) expect(await read).toMatchObject(refusal);
    slow.resolve('done');
    expect(await Promise.all(running)).toEqual(['done', 'done']);
  });

  it('give up their turn when their client leaves', async () => {
    const { started, ask } = setUp();
    const slow = deferred();
    const running = [ask('a', slow.promise), ask('b', slow.promise)];
    const gone = new AbortController();
    const left = ask('c', slow.promise, gone.signal);
    const next = ask('d', Promise.resolve('d'));
    gone.abort();
    await expect(left).rejects.toMatchObject({ code: 'too_many_requests' });
    slow.resolve('done');
    await Promise.all([...running, next]);
    expect(started).toEqual(['a', 'b', 'd']);
  });
});

describe('a shared reading', () => {
  it('is made once for all who ask meanwhile', async () => {
    const clock = new ManualClock();
    let reads = 0;
    const shared = new SharedReading(clock, () => Promise.resolve((reads += 1)));
    expect(await Promise.all([shared.get(), shared.get(), shared.get()])).toEqual([1, 1, 1]);
    expect(await shared.get()).toBe(2);
  });

  it('is made anew after a failure, and where it takes too long', async () => {
    const clock = new ManualClock();
    const results = [
      Promise.reject(new Error('no')),
      new Promise<string>(() => undefined),
      Promise.resolve('yes'),
    ];
    const shared = new SharedReading(clock, () => results.shift() ?? Promise.resolve('end'));
    await expect(shared.get()).rejects.toThrow('no');
    void shared.get();
    clock.advance(3000);
    expect(await shared.get()).toBe('yes');
  });
});
