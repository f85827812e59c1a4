import { describe, expect, it } from 'vitest';
import {
  clip,
  clipLine,
  fitText,
  lineWidth,
  oneLine,
  sliceLine,
  widthOf,
} from '../../../../tools/kit/terminal/cells.js';
import { ASCII } from '../../../../tools/monitor/view/glyphs.js';
import { plainText, span } from '../../../../tools/kit/terminal/styled.js';

describe('texts of somebody else', () => {
  it.each([
    ['two\nlines\tand tabs', 'two lines and tabs'],
    ['\u001b[31mred\u001b[0m', '[31mred[0m'],
    ['a\u0000b\u0007c', 'abc'],
    ['lone \ud800 half', 'lone  half'],
    ['turned \u202eround', 'turned round'],
    ['zal\u0300go', 'zalgo'],
    ['cafe\u0301', 'café'],
    ['👍🏿 from 🇩🇪', '👍 from DE'],
    ['\u1112\u1161\u11ab', '한'],
    ['emoji 😀 stays', 'emoji 😀 stays'],
  ])('%j can do nothing to a terminal', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it('are made ASCII where only that can be drawn', () => {
    expect(ASCII.text('délicieux 😀 20±5')).toBe('d?licieux ? 20+-5');
  });
});

describe('columns', () => {
  it.each([
    ['plain', 5],
    ['日本', 4],
    ['😀!', 3],
    ['● up ▁█↯✓✗◷→…', 13],
    ['Ｗｉｄｅ', 8],
    ['\u1100', 2],
    ['スーパー', 8],
    ['ﾊﾝｶｸ', 4],
    ['𠮷野家', 6],
    ['', 0],
  ])('%s takes %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it.each([
    ['a long text', 6, 'a lon…'],
    ['short', 6, 'short'],
    ['日本語', 4, '日…'],
    ['abc', 0, ''],
  ])('%s is cut to %i', (text, width, expected) => {
    expect(clip(text, width)).toBe(expected);
    expect(widthOf(clip(text, width))).toBeLessThanOrEqual(width);
  });

  it('are filled on either side', () => {
    expect(fitText('7', 3, 'right')).toBe('  7');
    expect(fitText('日', 4)).toBe('日  ');
  });

  it('are cut out of a line with the styles that stand there', () => {
    const line = [span('abc', 'good'), span('日本', 'bad')];
    expect(sliceLine(line, 2, 5)).toEqual([span('c', 'good'), span('日', 'bad')]);
    expect(plainText(sliceLine(line, 4, 9))).toBe(' 本  ');
    expect(plainText(clipLine(line, 5, '…'))).toBe('abc …');
    expect(lineWidth(clipLine(line, 20, '…'))).toBe(20);
  });
});
