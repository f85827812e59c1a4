import { describe, expect, it } from 'vitest';
import { encodeStart } from '../../../functions/sentiment/encode-start.js';

const END = -1;
/** A word is a token, and a text has an end. */
const byWord = (text: string): readonly number[] => [...text.split(/\s+/).filter(Boolean).map(Number), END];
const numbers = (count: number): string => Array.from({ length: count }, (_, index) => index).join(' ');

describe('encodeStart', () => {
  it('encodes short texts whole', () => {
    expect(encodeStart('1 2 3', byWord, 10)).toEqual([1, 2, 3, END]);
    expect(encodeStart('', byWord, 10)).toEqual([END]);
  });

  it('gives what the whole text would give, cut off', () => {
    for (const maxTokens of [1, 100, 600, 1900, 2000, 2001, 5000]) {
      expect(encodeStart(numbers(2000), byWord, maxTokens)).toEqual(
        byWord(numbers(2000)).slice(0, maxTokens),
      );
    }
  });

  it('looks at no more than it takes', () => {
    const looked: number[] = [];
    const counting = (text: string): readonly number[] => {
      looked.push(text.length);
      return byWord(text);
    };
    encodeStart(numbers(2000), counting, 128);
    expect(looked).toHaveLength(1);
    expect(looked[0]).toBeLessThan(2600);
  });

  it('looks at one endless word whole', () => {
    expect(encodeStart('1'.repeat(10_000), (text) => [text.length], 5)).toEqual([10_000]);
  });
});
