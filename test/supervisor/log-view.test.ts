import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../infra/process/logger.js';
import { createLogFormatter } from '../../infra/process/pretty-log.js';
import { createLogView } from '../../supervisor/log-view.js';
import { createRestartBackoff } from '../../supervisor/restart-backoff.js';
import { MAX_LINE_LENGTH, splitLines } from '../../contracts/common/split-lines.js';

function newView(format: 'json' | 'pretty') {
  const written: string[] = [];
  const view = createLogView({ format, colors: false }, (line) => written.push(line));
  return { view, written };
}

const line = (level: string, msg: string): string =>
  JSON.stringify({ level, time: '2026-01-01T00:00:00.000Z', process: 'worker-1', pid: 7, msg, taskId: 't1' });

describe('log lines as JSON', () => {
  it('pass as they are', () => {
    const { view, written } = newView('json');
    view.show('worker-1', line('info', 'task.final'));
    expect(written).toEqual([`${line('info', 'task.final')}\n`]);
  });

  it('wrap what is none', () => {
    const { view, written } = newView('json');
    view.show('worker-1', 'Segmentation fault');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 'info',
      process: 'worker-1',
      msg: 'process.output',
      line: 'Segmentation fault',
    });
  });
});

describe('log lines for people', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are readable, one line each', () => {
    const { view, written } = newView('pretty');
    view.show('worker-1', line('info', 'task.final'));
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\d\d:\d\d:\d\d\.000 worker-1 {4}task\.final taskId=t1\n$/);
  });

  it('are held back under load, and counted; errors never are', () => {
    const { view, written } = newView('pretty');
    for (let index = 0; index < 500; index += 1) view.show('worker-1', line('info', 'task.final'));
    view.show('worker-1', line('warn', 'delivery.ended'));
    view.show('worker-1', line('error', 'process.stop_failed'));
    expect(written).toHaveLength(12);
    vi.advanceTimersByTime(1000);
    expect(written.at(-1)).toBe('… and 490 more info lines in that second\n');
    view.show('worker-1', line('info', 'task.final'));
    expect(written).toHaveLength(14);
  });
});

describe('a readable line', () => {
  const format = createLogFormatter(false);
  const formatted = (fields: object): string =>
    format(JSON.stringify({ ...(JSON.parse(line('warn', 'delivery.ended')) as object), ...fields })).slice(
      13,
    );

  it('puts the ids last and quotes what has spaces', () => {
    expect(formatted({ latencyMs: 9.8, reason: 'took too long' })).toBe(
      'worker-1    WARN delivery.ended latencyMs=9.8 reason="took too long" taskId=t1\n',
    );
  });

  it('shows an error first, with its stack below', () => {
    const error = { type: 'Error', message: 'boom', stack: 'Error: boom\n    at a (b.ts:1:1)' };
    expect(formatted({ error })).toBe(
      'worker-1    WARN delivery.ended boom taskId=t1\n    Error: boom\n        at a (b.ts:1:1)\n',
    );
    expect(formatted({ error: 'connection lost' })).toContain('ended "connection lost" taskId=t1\n');
  });

  it('leaves alone what is no log line', () => {
    expect(format('{"level": 3}')).toBe('{"level": 3}\n');
  });
});

describe('a logger', () => {
  it('bounds every text, and an error with its stack', () => {
    const written: string[] = [];
    const write = (line: string) => void written.push(line);
    const logger = createLogger({ name: 'worker-1', level: 'info', write });
    const long = 'x'.repeat(1_000_000);
    logger.error({ message: long, stack: long, error: new Error(long), tasks: 2 }, 'function.run_failed');
    expect(written[0]?.length).toBeLessThan(100_000);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ tasks: 2, error: { type: 'Error' } });
  });
});

describe('lines of a stream', () => {
  it('are whole, whatever the chunks', async () => {
    const bytes = Buffer.from('eins\nzwölf\n\nrest');
    const stream = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
    const lines: string[] = [];
    splitLines(stream, (one) => lines.push(one));
    await text(stream);
    expect(lines).toEqual(['eins', 'zwölf', 'rest']);
  });

  it('are cut where they are too long, at a cost in proportion to their length', async () => {
    const chunk = Buffer.from('x'.repeat(64 * 1024));
    const stream = Readable.from([...Array.from({ length: 1600 }, () => chunk), Buffer.from('\nnext\n')]);
    const lines: string[] = [];
    const before = process.cpuUsage();
    splitLines(stream, (one) => lines.push(one));
    await finished(stream);
    const { user } = process.cpuUsage(before);
    expect(lines[0]).toMatch(/^x+… \(104595456 more characters left out\)$/);
    expect(lines[0]?.length).toBeLessThan(MAX_LINE_LENGTH + 50);
    expect(lines.slice(1)).toEqual(['next']);
    expect(user / 1e6).toBeLessThan(5);
  });
});

describe('the back-off of restarts', () => {
  it('doubles up to five seconds, and starts anew after a healthy time', () => {
    const nextDelayMs = createRestartBackoff();
    const delays = [0, 0, 0, 0, 0, 0, 0].map((readyForMs) => nextDelayMs(readyForMs));
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(nextDelayMs(60_000)).toBe(200);
    expect(nextDelayMs(100)).toBe(400);
  });

  it('does not grow for what runs longer than it was waited for', () => {
    const nextDelayMs = createRestartBackoff();
    const delays = [0, 0, 0, 1500, 1500, 3000, 900, 900].map((readyForMs) => nextDelayMs(readyForMs));
    expect(delays).toEqual([200, 400, 800, 200, 200, 200, 400, 800]);
  });
});
