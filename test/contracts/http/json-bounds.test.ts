import { describe, expect, it } from 'vitest';
import { excessInJson, MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../../../contracts/http/json-bounds.js';

const excess = (text: string) => excessInJson(Buffer.from(text));
const fields = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"f${index}":${index}`).join(',')}}`;

describe('what a JSON body may hold', () => {
  it('lets through what requests of ours need', () => {
    const texts = JSON.stringify({ texts: Array<string>(256).fill('a, "b": [{\\"') });
    for (const body of ['', '{}', '"', '{"a', texts, fields(1000), '[1,2', '}}}}']) {
      expect(excess(body)).toBeUndefined();
    }
  });

  it('names the first of too many fields and counts the others', () => {
    const found = excess(fields(50_000));
    expect(found?.errors).toHaveLength(20);
    expect(found?.errors[0]?.path).toBe('f0');
    expect(found?.moreErrors).toBe(49_980);
  });

  it('names the field that holds too many values', () => {
    const found = excess(`{"deadlineMs":5,"texts":[${'"",'.repeat(MAX_JSON_VALUES + 1)}""]}`);
    expect(found).toEqual({
      errors: [{ path: 'texts', message: `expected at most ${MAX_JSON_VALUES} values in the body` }],
    });
    expect(excess(`[${'1,'.repeat(MAX_JSON_VALUES + 1)}1]`)?.errors).toHaveLength(1);
  });

  it('refuses what is nested too deep', () => {
    const nested = (depth: number) => `{"text":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(excess(nested(MAX_JSON_DEPTH))).toBeUndefined();
    expect(excess(nested(MAX_JSON_DEPTH + 1))?.errors[0]?.path).toBe('text');
  });

  it('does not take what stands in a text for structure', () => {
    const text = '\\"[{,'.repeat(20_000);
    expect(excess(JSON.stringify({ text, texts: [text, 'ü漢'] }))).toBeUndefined();
  });
});
