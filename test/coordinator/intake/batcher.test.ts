import { beforeEach, describe, expect, it } from 'vitest';
import { Batcher, type BatcherOptions, type PendingTask } from '../../../coordinator/intake/batcher.js';
import { LoadMeter } from '../../../coordinator/intake/load-meter.js';
import { asciiJson } from '../../../contracts/common/text.js';
import { ManualClock } from '../../support/manual-clock.js';

const WINDOW_MS = 2;
const WORKERS = 3;

let clock: ManualClock;
let meter: LoadMeter;
let sent: string[][];
let batcher: Batcher;

function create(options: Partial<BatcherOptions> = {}, workers = WORKERS): void {
  clock = new ManualClock();
  meter = new LoadMeter(WINDOW_MS);
  sent = [];
  batcher = new Batcher(
    clock,
    meter,
    { maxTasks: 4, maxBytes: 10_000, maxTokens: 100_000, windowMs: WINDOW_MS, ...options },
    () => workers,
    (tasks) => {
      meter.recordSent(`batch-${sent.length}`, tasks.length, clock.monotonic());
      sent.push(tasks.map(({ input }) => input.text));
    },
  );
}

const task = (text: string): PendingTask => ({
  input: { text, requestId: 'r', acceptedAtMs: 1 },
  admittedAt: 1,
  placed: () => undefined,
  failed: () => undefined,
});
const add = (...texts: readonly string[]) => batcher.add(texts.map(task));
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);
function answer(batch: number, tasks: number): void {
  meter.recordAnswers(`batch-${batch}`, tasks, clock.monotonic());
  batcher.reconsider();
}

beforeEach(() => create());

describe('an idle batcher', () => {
  it('sends a lone task at once, without a timer', () => {
    add('alone');
    expect(sent).toEqual([['alone']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps the tasks of a request together where they fit', () => {
    add('a', 'b', 'c');
    expect(sent).toEqual([['a', 'b', 'c']]);
  });

  it('splits a request that does not fit, in order', () => {
    add(...numbered(10));
    expect(sent).toEqual([
      ['t0', 't1', 't2', 't3'],
      ['t4', 't5', 't6', 't7'],
      ['t8', 't9'],
    ]);
  });
});

describe('a busy batcher', () => {
  beforeEach(() => add('first'));

  it('gathers for one window, from the first arrival', () => {
    add('second');
    clock.advance(1.5);
    add('third');
    expect(sent).toHaveLength(1);
    expect(batcher.gatheredTasks).toBe(2);
    clock.advance(0.5);
    expect(sent[1]).toEqual(['second', 'third']);
    expect(batcher.gatheredTasks).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('sends a batch that is full without waiting', () => {
    add('a', 'b', 'c');
    expect(sent).toHaveLength(1);
    add('d', 'e');
    expect(sent[1]).toEqual(['a', 'b', 'c', 'd']);
    expect(batcher.gatheredTasks).toBe(1);
    clock.advance(meter.batchTimeMs);
    expect(sent[2]).toEqual(['e']);
  });

  it('waits for those who were just answered, so that the first does not leave alone', () => {
    clock.advance(5);
    answer(0, 3);
    clock.advance(0.5);
    add('back 1');
    add('back 2');
    expect(sent).toHaveLength(1);
    add('back 3');
    expect(sent[1]).toEqual(['back 1', 'back 2', 'back 3']);
  });

  it('waits for them one window at most, once nobody comes', () => {
    clock.advance(5);
    answer(0, 3);
    add('back 1');
    clock.advance(WINDOW_MS);
    expect(sent[1]).toEqual(['back 1']);
  });

  it('gathers longer while less than a fair share is there, until enough are answered', () => {
    for (const text of ['second', 'third']) {
      add(text);
      clock.advance(WINDOW_MS);
    }
    expect(sent).toHaveLength(WORKERS);
    add('fourth');
    clock.advance(10);
    expect(sent).toHaveLength(WORKERS);
    answer(0, 1);
    clock.advance(meter.patienceEndsAtMs - clock.monotonic());
    expect(sent[3]).toEqual(['fourth']);
  });

  it('gathers no longer than a batch time even then', () => {
    for (const text of ['second', 'third']) {
      add(text);
      clock.advance(WINDOW_MS);
    }
    add('fourth');
    clock.advance(meter.batchTimeMs);
    expect(sent[3]).toEqual(['fourth']);
  });

  it('sends what has gathered when it is told to', () => {
    add(...numbered(3));
    batcher.flush();
    expect(sent[1]).toEqual(numbered(3));
    clock.advance(100);
    expect(sent).toHaveLength(2);
  });

  it('sends at once when the last batch under way was set aside', () => {
    add('second');
    meter.stopTracking('batch-0');
    batcher.reconsider();
    expect(sent[1]).toEqual(['second']);
  });
});

describe('the bounds of a batch', () => {
  const sizeOf = (text: string) => asciiJson(task(text).input).length + 1;

  it('hold for the bytes of the message, in which other characters than ASCII take six', () => {
    const texts = ['😀'.repeat(20), 'x'.repeat(240), '😀'.repeat(20)];
    create({ maxBytes: sizeOf(texts[0] ?? '') + sizeOf(texts[1] ?? '') });
    add(...texts);
    batcher.flush();
    expect(sent).toEqual([texts.slice(0, 2), texts.slice(2)]);
  });

  it('hold for the work that it is, in which long texts count for more than short ones', () => {
    create({ maxTasks: 32, maxBytes: 200_000, maxTokens: 2048 });
    const long = Array.from({ length: 9 }, (_, index) => `${index} ${'word '.repeat(1990)}`);
    const short = Array.from(
      { length: 32 },
      (_, index) => `${index}: it made me laugh and it made me cry, twice over`,
    );
    add(...long, ...short);
    expect(sent.map((texts) => texts.length)).toEqual([4, 4, 32, 1]);
  });

  it('let one task travel that is larger than all of them', () => {
    create({ maxBytes: 10 });
    add('much too long', 'this too');
    batcher.flush();
    expect(sent).toEqual([['much too long'], ['this too']]);
  });

  it('let every task travel alone where a batch holds one', () => {
    create({ maxTasks: 1 });
    add(...numbered(3));
    expect(sent).toEqual([['t0'], ['t1'], ['t2']]);
  });

  it('hold nothing back while no worker is up', () => {
    create({}, 0);
    add('first');
    add('second');
    clock.advance(50);
    expect(sent).toEqual([['first'], ['second']]);
  });
});
