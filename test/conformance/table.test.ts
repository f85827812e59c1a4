import { describe, expect, it } from 'vitest';
import { printCheck, type CheckResult } from '../../conformance/check-result.js';
import { printRow, withRow, type Row } from '../../conformance/table.js';

const checks: readonly CheckResult[] = [
  { name: 'queue > wakes', verdict: 'passed', durationMs: 12.4, note: '3 ms' },
  { name: 'item > is told', verdict: 'differs', durationMs: 1, why: 'expected this', instead: 'it reads' },
  { name: 'item > is kept', verdict: 'failed', durationMs: 1, why: 'expected that' },
];
const ms = { put1Kb: 1.04, put5Kb: 2, update: 3, get: 4, query: 5, send: 6, receive: 7, delete: 8 };
const row: Row = { stack: 'Mine 1.0', checks, costs: { ms, putsPerSecond: 99.6 } };
const EMPTY = 'before\n<!-- stacks: begin -->\n<!-- stacks: end -->\nafter\n';

describe('the table of stacks', () => {
  it('counts what was found, and gives the costs', () => {
    expect(printRow(row)).toBe(
      '| Mine 1.0 | 1 | 1 | 1 | 1.0 | 2.0 | 3.0 | 4.0 | 5.0 | 6.0 | 7.0 | 8.0 | 100 |',
    );
    expect(printRow({ ...row, costs: undefined })).toMatch(/^\| Mine 1\.0 \| 1 \| 1 \| 1 \|( – \|){9}$/);
  });

  it('gets a row for each stack, and a new one in the place of the old', () => {
    const other = { ...row, stack: 'Other', checks: checks.slice(0, 1) };
    const both = withRow(withRow(EMPTY, row), other);
    expect(both).toMatch(/^before\n/);
    expect(both).toMatch(/after\n$/);
    expect(both).toContain('- **Mine 1.0**: failed: item is kept. differs: item is told.');
    expect(both).toContain('- **Other**: all as on AWS.');
    const again = withRow(both, { ...row, checks: [] });
    expect(again.match(/^\| (Mine 1\.0|Other) \|/gm)).toEqual(['| Mine 1.0 |', '| Other |']);
    expect(again.match(/^- \*\*/gm)).toHaveLength(2);
    expect(again).toContain(`${printRow(other)}\n`);
    expect(again).toContain(`${printRow({ ...row, checks: [] })}\n`);
  });

  it('is refused where a document has none', () => {
    expect(() => withRow('nothing here', row)).toThrow('no table');
  });
});

describe('a check', () => {
  it('is printed with what was seen, why it failed, and what the product does instead', () => {
    expect(checks.map(printCheck)).toEqual([
      'ok       queue > wakes (3 ms)  12 ms',
      'differs  item > is told  1 ms\n          expected this\n          instead: it reads',
      'FAILED   item > is kept  1 ms\n          expected that',
    ]);
  });
});
