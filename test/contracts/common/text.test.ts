import { describe, expect, it } from 'vitest';
import {
  asciiJson,
  asciiJsonBytes,
  boundedMessage,
  MAX_ERROR_MESSAGE_LENGTH,
  messageOf,
} from '../../../contracts/common/text.js';
import { AWKWARD_TEXTS } from '../../support/sample-batch.js';

describe('asciiJson', () => {
  it.each(AWKWARD_TEXTS)('holds nothing but printable ASCII and reads back the same: %j', (text) => {
    const json = asciiJson({ text, nested: [text] });
    expect(json).toMatch(/^[ -~]*$/);
    expect(JSON.parse(json)).toEqual({ text, nested: [text] });
  });

  it('writes every unit that is not ASCII as four digits', () => {
    expect(asciiJson('é\u007f\u2028😀')).toBe(String.raw`"\u00e9\u007f\u2028\ud83d\ude00"`);
  });

  it('escapes keys too', () => {
    expect(asciiJson({ ключ: 1 })).toMatch(/^[ -~]*$/);
  });
});

describe('asciiJsonBytes', () => {
  it.each([...AWKWARD_TEXTS, 'é\u007f\u2028😀 漢字', '\b\t\n\f\r\u0000\u001f"\\/', 'x'.repeat(1000)])(
    'is what the text takes in a message: %j',
    (text) => {
      expect(asciiJsonBytes(text)).toBe(asciiJson(text).length - 2);
    },
  );
});

describe('boundedMessage', () => {
  it('leaves a message of up to 256 units as it is', () => {
    const message = 'x'.repeat(MAX_ERROR_MESSAGE_LENGTH);
    expect(MAX_ERROR_MESSAGE_LENGTH).toBe(256);
    expect(boundedMessage(message)).toBe(message);
  });

  it('cuts a longer one to 256 and shows that it did', () => {
    const bounded = boundedMessage('x'.repeat(257));
    expect(bounded).toBe(`${'x'.repeat(255)}…`);
    expect(bounded).toHaveLength(256);
  });
});

describe('messageOf', () => {
  it.each([
    [new TypeError('broken'), 'broken'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
    [{ code: 7 }, '[object Object]'],
    [Object.assign(new Error(), { message: [1, 2] }), '1,2'],
    [Object.create(null), 'a value that cannot be read'],
  ])('finds words for whatever was thrown: %o', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  it('bounds them', () => {
    expect(messageOf(new Error('x'.repeat(10_000)))).toHaveLength(256);
  });
});
