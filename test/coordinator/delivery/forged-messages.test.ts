/** Messages that somebody who reaches the queue could put into it. */
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../coordinator/delivery/open-batch.js';
import { messageOf, sampleBatch } from '../../support/sample-batch.js';

const message = messageOf(sampleBatch());
const [input] = message.inputs;
const withInput = (changes: object) => ({ ...message, inputs: [{ ...input, ...changes }] });

describe('a message of ours', () => {
  it('is read as it was sent', () => {
    expect(readBody(JSON.stringify(message))).toEqual(message);
  });
});

describe('a forged message', () => {
  const times = [8.64e15 + 1, 1e300, -1, -8.64e15, 4.2e12, null, 'NaN', '2026-01-01', {}];
  it.each(times)('is not read with the time %j', (time) => {
    expect(readBody(JSON.stringify({ ...message, createdAtMs: time }))).toBeUndefined();
    expect(readBody(JSON.stringify(withInput({ acceptedAtMs: time })))).toBeUndefined();
    expect(readBody(JSON.stringify(withInput({ deadlineAtMs: time })))).toBeUndefined();
  });

  it('is not read with numbers that JSON alone can write', () => {
    for (const number of ['1e999', '-1e999', 'NaN', 'Infinity']) {
      const body = JSON.stringify({ ...message, createdAtMs: 'TIME' }).replace('"TIME"', number);
      expect(readBody(body)).toBeUndefined();
    }
  });

  it.each([
    ['another version', { version: 2 }],
    ['no version', { version: undefined }],
    ['a batch id that is none', { batchId: '../../../etc/passwd' }],
    ['an empty batch id', { batchId: '' }],
    ['the id of another kind', { batchId: '0199b6c4-0000-4000-8000-000000000000' }],
    ['an id that was given in the year 10889', { batchId: 'ffffffff-ffff-7000-8000-000000000000' }],
    ['a task id', { batchId: `${message.batchId}-0` }],
    ['a negative number', { batchNumber: -1 }],
    ['a broken number', { batchNumber: 1.5 }],
    ['a huge number', { batchNumber: 1e300 }],
    ['a send that was none', { send: 0 }],
    ['a coordinator with a name without end', { coordinatorId: 'x'.repeat(1001) }],
    ['no inputs', { inputs: [] }],
    ['more inputs than a batch holds', { inputs: Array.from({ length: 257 }, () => input) }],
    ['inputs that are no list', { inputs: { length: 1 } }],
  ])('is not read with %s', (_what, changes) => {
    expect(readBody(JSON.stringify({ ...message, ...changes }))).toBeUndefined();
  });

  it.each([
    ['a text over the bound', { text: 'x'.repeat(10_001) }],
    ['a text that is none', { text: 1 }],
    ['a request id without end', { requestId: 'x'.repeat(1001) }],
    ['a key without end', { key: 'x'.repeat(1001) }],
  ])('is not read with %s', (_what, changes) => {
    expect(readBody(JSON.stringify(withInput(changes)))).toBeUndefined();
  });

  it.each(['', 'null', '[]', '"x"', '5', '{'])('is not read where it is %j', (body) => {
    expect(readBody(body)).toBeUndefined();
  });
});
