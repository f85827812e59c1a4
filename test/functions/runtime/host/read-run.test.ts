import { describe, expect, it } from 'vitest';
import { readRun } from '../../../../functions/runtime/host/read-run.js';

const fine = { status: 'succeeded', label: 'joy', score: 0.5, tokens: 3 };
const times = { tokenizeMs: 1, computeMs: 2 };
const readOne = (outcome: unknown) => readRun({ outcomes: [fine, outcome], ...times }, 2).outcomes;

describe('what a function answers', () => {
  it('is handed on where it is right', () => {
    expect(readRun({ outcomes: [fine], ...times, tokens: 3, paddedTokens: 4 }, 1)).toEqual({
      outcomes: [fine],
      ...times,
      tokens: 3,
      paddedTokens: 4,
    });
    const failed = { status: 'failed', code: 'unfit', message: 'no', retryable: false };
    expect(readOne(failed)).toEqual([fine, failed]);
  });

  it.each([
    [{ ...fine, score: 12 }, 'score: expected a number from 0 to 1, got 12'],
    [{ ...fine, score: NaN }, 'score: expected a number from 0 to 1, got NaN'],
    [{ ...fine, score: '0.5' }, 'score: expected a number from 0 to 1, got "0.5"'],
    [{ ...fine, label: undefined }, 'label: expected a text of 1 to 64 characters, got nothing'],
    [{ ...fine, label: 7 }, 'label: expected a text of 1 to 64 characters, got 7'],
    [{ ...fine, label: '' }, 'label: expected a text of 1 to 64 characters, got ""'],
    [
      { ...fine, label: 'x'.repeat(9000) },
      'label: expected a text of 1 to 64 characters, got a text of 9000 characters',
    ],
    [{ ...fine, label: '\ud800' }, 'label: expected a text without lone surrogates, got "\\ud800"'],
    [{ ...fine, tokens: 1.5 }, 'tokens: expected a whole number from 0, got 1.5'],
    [{ ...fine, tokens: [1] }, 'tokens: expected a whole number from 0, got a list'],
    [{ status: 'failed', code: 'unfit', message: 'no' }, 'retryable: expected true or false, got nothing'],
    [{ status: 'odd' }, `status: expected an object whose status is 'succeeded' or 'failed', got "odd"`],
    [null, `expected an object whose status is 'succeeded' or 'failed', got null`],
    ['POSITIVE', `expected an object whose status is 'succeeded' or 'failed', got "POSITIVE"`],
  ])('fails its task alone where an outcome is %j', (outcome, message) => {
    const failed = { status: 'failed', code: 'invalid_output', message, retryable: true };
    expect(readOne(outcome)).toEqual([fine, failed]);
  });

  it.each([
    [undefined, 'expected an object with outcomes, got nothing'],
    ['text', 'expected an object with outcomes, got "text"'],
    [{ ...times }, 'outcomes: expected a list with an outcome for each input, got nothing'],
    [{ outcomes: [fine], ...times }, 'outcomes: expected 2, one for each input, got 1'],
    [{ outcomes: [fine, fine, fine], ...times }, 'outcomes: expected 2, one for each input, got 3'],
  ])('is of no use as a whole where it is %j', (answer, message) => {
    expect(() => readRun(answer, 2)).toThrow(expect.objectContaining({ code: 'invalid_output', message }));
  });

  it('counts without times that are none', () => {
    expect(readRun({ outcomes: [fine], tokenizeMs: NaN, computeMs: -1, tokens: 'many' }, 1)).toEqual({
      outcomes: [fine],
      tokenizeMs: 0,
      computeMs: 0,
    });
  });

  it('bounds what a function says', () => {
    const [, outcome] = readOne({ status: 'failed', code: 'x', message: 'y'.repeat(9000), retryable: true });
    expect(outcome).toMatchObject({ message: expect.stringMatching(/^y{255}…$/) as string });
  });
});
