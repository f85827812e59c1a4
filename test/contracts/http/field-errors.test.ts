import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inferRequestSchema, redriveRequestSchema } from '../../../contracts/http/api.js';
import { SettingsError } from '../../../contracts/errors/errors.js';
import { putFaultsSchema } from '../../../contracts/worker/faults.js';
import { describeErrors, fieldErrors, type FieldErrors } from '../../../contracts/http/field-errors.js';
import { readSettings, wholeNumber } from '../../../contracts/settings/settings.js';

function errorsOf(schema: z.ZodType, value: unknown): FieldErrors {
  const { error } = schema.safeParse(value);
  if (error === undefined) throw new Error('this was to be refused');
  return fieldErrors(error);
}

describe('errors of fields', () => {
  it.each([
    ['unknown fields', inferRequestSchema, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i, i]))],
    ['wrong texts', inferRequestSchema, { texts: Array<string>(256).fill('') }],
    ['wrong task ids', redriveRequestSchema, { taskIds: Array<number>(1000).fill(1) }],
  ])('%s: 20 are named, the others counted', (_name, schema, value) => {
    const found = errorsOf(schema, value);
    expect(found.errors).toHaveLength(20);
    expect(found.moreErrors).toBeGreaterThanOrEqual(236);
    expect(describeErrors(found)).toContain(`(and ${(found.moreErrors ?? 0) + 19} more)`);
  });

  it('says nothing of more where all are named', () => {
    expect(errorsOf(inferRequestSchema, { text: 'a', b: 1 })).toEqual({
      errors: [{ path: 'b', message: 'unknown field' }],
    });
  });

  it('names long keys shortly and says long values back shortly', () => {
    const long = 'k'.repeat(100_000);
    expect(JSON.stringify(errorsOf(inferRequestSchema, { [long]: 1 })).length).toBeLessThan(500);
    expect(JSON.stringify(errorsOf(putFaultsSchema, { faults: long })).length).toBeLessThan(1000);
    const read = () => readSettings({ PORT: wholeNumber(0, 1) }, { PORT: long });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(/^.{1,400}$/);
  });
});
