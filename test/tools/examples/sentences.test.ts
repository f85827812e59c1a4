import { describe, expect, it } from 'vitest';
import { parseSentences, readSentences } from '../../../tools/examples/sentences.js';

const sentences = readSentences();
const wordCounts = sentences.map(({ text }) => text.split(' ').length);

describe('the example sentences', () => {
  it('are at least 320, none of them twice', () => {
    expect(sentences.length).toBeGreaterThanOrEqual(320);
    expect(new Set(sentences.map(({ text }) => text.toLowerCase())).size).toBe(sentences.length);
  });

  it('hold as many good words as bad ones', () => {
    const positive = sentences.filter(({ label }) => label === 'POSITIVE');
    expect(positive.length / sentences.length).toBeCloseTo(0.5, 2);
  });

  it('have about 15 words on average, 3 at least, and a long tail', () => {
    const meanWords = wordCounts.reduce((total, words) => total + words, 0) / wordCounts.length;
    expect(meanWords).toBeGreaterThan(14);
    expect(meanWords).toBeLessThan(16.5);
    expect(Math.min(...wordCounts)).toBe(3);
    expect(Math.max(...wordCounts)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...wordCounts)).toBeLessThanOrEqual(60);
    expect(wordCounts.filter((words) => words > 30).length).toBeGreaterThan(sentences.length / 20);
  });

  it('are clean text: trimmed, single blanks, no control characters', () => {
    for (const { text } of sentences) expect(text).toMatch(/^(?! )(?!.* {2})[^\p{Cc}]+(?<! )$/u);
  });

  it('mix labels and lengths all over the file, so that any stretch of it will do', () => {
    for (let start = 0; start + 32 <= sentences.length; start += 32) {
      const stretch = sentences.slice(start, start + 32);
      expect(stretch.filter(({ label }) => label === 'POSITIVE').length).toBeGreaterThan(8);
      expect(stretch.filter(({ label }) => label === 'NEGATIVE').length).toBeGreaterThan(8);
      expect(new Set(wordCounts.slice(start, start + 32)).size).toBeGreaterThan(8);
    }
  });
});

describe('parseSentences', () => {
  it('reads a label and a text from each line', () => {
    expect(parseSentences('POSITIVE\tGood.\nNEGATIVE\tBad.\n')).toEqual([
      { label: 'POSITIVE', text: 'Good.' },
      { label: 'NEGATIVE', text: 'Bad.' },
    ]);
  });

  it.each(['NEUTRAL\tSo so.', 'POSITIVE', 'no label', 'POSITIVE\t'])('refuses %j', (line) => {
    expect(() => parseSentences(line)).toThrow();
  });
});
