import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../../tools/burst/record.js';
import { csvOf, ndjsonOf } from '../../../tools/burst/rows.js';

const good: RequestRecord = {
  index: 0,
  requestId: 'run-1',
  texts: [{ text: 'one' }, { text: 'two' }],
  plannedAtMs: 10,
  sentAtMs: 12.34,
  acceptedAtMs: 30,
  endedAtMs: 30.5,
  outcome: 'retried',
  tasks: [
    {
      taskId: 'a-0',
      status: 'succeeded',
      label: 'POSITIVE',
      deliveries: 2,
      workerId: 'worker-2',
      outcome: 'retried',
    },
    {
      taskId: 'a-1',
      status: 'succeeded',
      label: 'NEGATIVE',
      deliveries: 1,
      workerId: 'worker-1',
      outcome: 'ok',
    },
  ],
};
const bad = (problem: string): RequestRecord => ({
  index: 1,
  requestId: 'run-2',
  texts: [{ text: 'one' }],
  plannedAtMs: 20,
  endedAtMs: 20,
  outcome: 'connection',
  tasks: [],
  problem,
});
const open: RequestRecord = { index: 2, requestId: 'run-3', texts: [], plannedAtMs: 30, tasks: [] };

describe('a row for each request', () => {
  it('stands in a CSV file under its columns', () => {
    const [heading, row, ...others] = csvOf([good, open]).split('\r\n');
    expect(heading?.split(',').slice(0, 4)).toEqual(['number', 'requestId', 'outcome', 'plannedMs']);
    expect(row).toBe(
      '1,run-1,retried,10,12.3,30,30.5,20.5,18.2,2,1,worker-1 worker-2,a-0 a-1,POSITIVE NEGATIVE,',
    );
    expect(others).toEqual(['']);
  });

  it.each([
    ['plain', 'plain'],
    ['a, b', '"a, b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['-x, "y"', `"'-x, ""y"""`],
  ])('quotes %j', (problem, field) => {
    expect(csvOf([bad(problem)])).toMatch(new RegExp(`,${field.replaceAll(/[+?.*]/g, '\\$&')}\r\n$`));
  });

  it('is an object on a line of its own for programs', () => {
    const lines = ndjsonOf([good, bad('two\nlines'), open]).split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      requestId: 'run-1',
      latencyMs: 20.5,
      workers: ['worker-1', 'worker-2'],
    });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      outcome: 'connection',
      sentMs: null,
      problem: 'two\nlines',
    });
  });
});
