/**
 * Validates the answer of a function. An invalid outcome fails only its own task, with a message that names the field.
 */
import { z } from 'zod';
import {
  functionOutcomeSchema,
  INVALID_OUTPUT,
  type FunctionOutcome,
} from '../../../contracts/worker/invoke.js';
import { boundedMessage, messageOf } from '../../../contracts/common/text.js';
import type { FunctionRun } from './function-module.js';
import { RunFailure } from './run-failure.js';

const time = z.number().nonnegative().catch(0);
const count = z.int().nonnegative().optional().catch(undefined);

const answerSchema = z.object(
  {
    outcomes: z.array(z.unknown(), 'expected a list with an outcome for each input'),
    tokenizeMs: time,
    computeMs: time,
    tokens: count,
    paddedTokens: count,
  },
  'expected an object with outcomes',
);

/**
 * A wrong number of outcomes fails all tasks, because no outcome can be matched to its input.
 * @throws RunFailure
 */
export function readRun(answer: unknown, inputs: number): FunctionRun {
  const { data, error } = read(answerSchema, answer);
  if (data === undefined) throw new RunFailure(INVALID_OUTPUT, error);
  const { outcomes, tokens, paddedTokens, ...timings } = data;
  if (outcomes.length !== inputs) {
    const message = `outcomes: expected ${inputs}, one for each input, got ${outcomes.length}`;
    throw new RunFailure(INVALID_OUTPUT, message);
  }
  return {
    outcomes: Array.from(outcomes, readOutcome),
    ...timings,
    ...(tokens !== undefined && { tokens }),
    ...(paddedTokens !== undefined && { paddedTokens }),
  };
}

function readOutcome(outcome: unknown): FunctionOutcome {
  const { data, error } = read(functionOutcomeSchema, outcome);
  if (data === undefined) return { status: 'failed', code: INVALID_OUTPUT, message: error, retryable: true };
  return data.status === 'failed' ? { ...data, message: boundedMessage(data.message) } : data;
}

type Read<Data> =
  { readonly data: Data; readonly error?: never } | { readonly data?: never; readonly error: string };

/** Reading itself may throw, because an answer may have getters and proxies. */
function read<Data>(schema: z.ZodType<Data>, value: unknown): Read<Data> {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success ? { data: parsed.data } : { error: describeIssue(parsed.error, value) };
  } catch (thrown) {
    return { error: boundedMessage(`cannot be read: ${messageOf(thrown)}`) };
  }
}

/** Such as `score: expected a number from 0 to 1, got 12`. */
function describeIssue({ issues }: z.ZodError, value: unknown): string {
  const [issue] = issues;
  const path = issue?.path ?? [];
  const field = path.length === 0 ? '' : `${path.map(String).join('.')}: `;
  return boundedMessage(`${field}${issue?.message ?? 'invalid'}, got ${describeValue(valueAt(value, path))}`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined),
    value,
  );
}

const MAX_SHOWN = 60;

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  return value.length <= MAX_SHOWN ? JSON.stringify(value) : `a text of ${value.length} characters`;
}
