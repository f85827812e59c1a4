import { describe, expect, it } from 'vitest';
import { LATE_SECONDS, StatsCursor } from '../../../coordinator/live/stats-cursor.js';

const NOW = 1_795_480_000;

/** Rows by second, counted from `NOW`. */
const rowsOf = (rows: Readonly<Record<number, number>>) => (second: number) => rows[second - NOW] ?? 0;
const sent = (cursor: StatsCursor, upTo: number, rows: Readonly<Record<number, number>>) =>
  [...cursor.advance(NOW + upTo, rowsOf(rows))].map(({ second }) => second - NOW);
const again = (cursor: StatsCursor): StatsCursor => {
  const parsed = StatsCursor.parse(cursor.id, NOW + 1000);
  if (parsed === undefined) throw new Error(`${cursor.id} is not read again`);
  return parsed;
};

describe('a stats cursor', () => {
  it('gives every second once, empty ones too', () => {
    const cursor = StatsCursor.before(NOW);
    expect(sent(cursor, 2, { 0: 1, 2: 1 })).toEqual([0, 1, 2]);
    expect(sent(cursor, 2, { 0: 1, 2: 1 })).toEqual([]);
    expect(sent(cursor, 3, { 0: 1, 2: 1 })).toEqual([3]);
  });

  it('gives a second again whose row came late, once', () => {
    const cursor = StatsCursor.before(NOW);
    sent(cursor, 2, { 0: 1, 1: 1 });
    expect(sent(cursor, 3, { 0: 1, 1: 2, 2: 1 })).toEqual([1, 2, 3]);
    expect(sent(cursor, 4, { 0: 1, 1: 2, 2: 1 })).toEqual([4]);
  });

  it('does not look back further than rows can be late', () => {
    const cursor = StatsCursor.before(NOW);
    sent(cursor, LATE_SECONDS, {});
    expect(sent(cursor, LATE_SECONDS, { 0: 1, 1: 1 })).toEqual([1]);
  });

  it('goes on from its id, and makes up for rows that came late meanwhile', () => {
    const cursor = StatsCursor.before(NOW);
    sent(cursor, 3, { 1: 1, 3: 2 });
    expect(sent(again(cursor), 3, { 1: 1, 3: 2 })).toEqual([]);
    expect(sent(again(cursor), 5, { 1: 1, 2: 1, 3: 2, 4: 1 })).toEqual([2, 4, 5]);
  });

  it('says with each id what was sent up to there, late seconds included', () => {
    const cursor = StatsCursor.before(NOW);
    sent(cursor, 2, {});
    const rows = { 0: 1, 1: 1, 3: 1 };
    for (const { id, second } of cursor.advance(NOW + 4, rowsOf(rows))) {
      const rest = sent(StatsCursor.parse(id, NOW + 1000) ?? cursor, 4, rows);
      expect(rest).toEqual([0, 1, 3, 4].slice([0, 1, 3, 4].indexOf(second - NOW) + 1));
    }
  });

  it.each([
    '',
    'x',
    '1795480000',
    `${NOW}-0000`,
    `${NOW + 9999}-00000000`,
    `${NOW}-0000000A`,
    `-${NOW}-00000000`,
  ])('takes %j for no id', (id) => {
    expect(StatsCursor.parse(id, NOW)).toBeUndefined();
  });
});
