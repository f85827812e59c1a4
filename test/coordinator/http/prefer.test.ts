import { describe, expect, it } from 'vitest';
import { waitMsOf } from '../../../coordinator/http/prefer.js';

describe('waitMsOf', () => {
  it.each([
    [undefined, 30_000],
    ['', 30_000],
    ['respond-async', 0],
    ['Respond-Async', 0],
    ['wait=5', 5000],
    ['WAIT=5', 5000],
    ['wait = 5', 5000],
    ['wait="5"', 5000],
    ['wait=0', 0],
    ['respond-async, wait=10', 10_000],
    ['wait=10,respond-async', 10_000],
    ['wait=1, wait=2', 1000],
    ['handling=lenient, wait=7', 7000],
    ['handling=lenient, respond-async', 0],
    ['wait=999999', 600_000],
    ['wait=-1, respond-async', 0],
    ['wait=-1, respond-async;foo="', 0],
    ['respond-async; foo="a, wait=5"', 0],
    ['respond-async; foo="a \\", wait=5"', 0],
    ['respond-async ;foo', 0],
    ['respond-async=""', 0],
    ['foo="a, respond-async', 0],
    ['foo="a, respond-async"', 30_000],
    ['wait=5; foo="bar"', 5000],
    ['wait=5;', 5000],
    ['foo; wait=5', 30_000],
    [',, ,respond-async,', 0],
  ])('of %j is %i ms', (prefer, waitMs) => {
    expect(waitMsOf(prefer)).toBe(waitMs);
  });

  it.each([
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=soon',
    'wait=1e3',
    'no-wait=5',
    'respond-async-not',
    'respond async',
    '"respond-async"',
    'wait="5',
  ])('ignores what it cannot understand: %j', (prefer) => {
    expect(waitMsOf(prefer)).toBe(30_000);
  });
});
