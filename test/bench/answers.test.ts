import { describe, expect, it } from 'vitest';
import { complaintsAbout } from '../../bench/answers.js';

const good = { status: 'succeeded', label: 'POSITIVE', score: 0.9987, taskId: 'x', timings: {} };
const expected = [{ label: 'POSITIVE', score: 0.99870001 }];

function ok(body: unknown) {
  return { statusCode: 200, body: JSON.stringify(body) };
}

describe('complaintsAbout one text', () => {
  it('are none when it is right', () => {
    expect(complaintsAbout(ok(good), 1, expected)).toEqual([]);
  });

  it.each([
    ['another status code', { statusCode: 202, body: '{"tasks":[]}' }],
    ['no JSON', { statusCode: 200, body: '<html>' }],
    ['a body of another kind', ok([good])],
    ['a task that failed', ok({ ...good, status: 'failed' })],
    ['another label', ok({ ...good, label: 'NEGATIVE' })],
    ['a score that is off', ok({ ...good, score: 0.99872 })],
    ['no score', ok({ status: 'succeeded', label: 'POSITIVE' })],
  ])('are one about %s', (_, invokeCall) => {
    expect(complaintsAbout(invokeCall, 1, expected)).toHaveLength(1);
  });

  it('overlook label and score where nothing is expected', () => {
    expect(complaintsAbout(ok({ status: 'succeeded' }), 1)).toEqual([]);
  });
});

describe('complaintsAbout many texts', () => {
  const bad = { status: 'succeeded', label: 'NEGATIVE', score: 0.9987 };
  const three = [...expected, ...expected, ...expected];

  it('come one for each that is wrong', () => {
    expect(complaintsAbout(ok({ tasks: [good, bad, good] }), 3, three)).toEqual([
      'NEGATIVE 0.9987 where the bare model says POSITIVE 0.99870001',
    ]);
  });

  it('come for all where tasks are missing or the whole request failed', () => {
    expect(complaintsAbout(ok({ tasks: [good, good] }), 3, three)).toHaveLength(3);
    expect(complaintsAbout({ statusCode: 429, body: 'overloaded' }, 3, three)).toEqual(
      new Array(3).fill('status 429: overloaded'),
    );
  });
});
