/** JSON over HTTP to the parts of a running system. */
import { Agent, request } from 'undici';
import type { z } from 'zod';
import { boundedMessage, messageOf, parseJson } from '../../../contracts/common/text.js';
import { ChaosError } from './system.js';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly token?: string;
  readonly body?: object;
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** @param who is asked, in the words of the error @throws ChaosError */
export type CallJson = <Schema extends z.ZodType>(
  who: string,
  url: string,
  schema: Schema,
  options?: Call,
) => Promise<z.output<Schema>>;

/** Nobody answered: dead, paused, or on its way. */
export class UnansweredError extends ChaosError {
  override readonly name = 'UnansweredError';
}

const TIMEOUT_MS = 5000;
/** A connection for each call: whoever is asked next may have died in between. */
const dispatcher = new Agent({ pipelining: 0 });

export const call: CallJson = async (who, url, schema, options = {}) =>
  readAnswer(who, schema, await sendRequest(who, url, options));

export function readAnswer<Schema extends z.ZodType>(
  who: string,
  schema: Schema,
  { status, text }: HttpAnswer,
): z.output<Schema> {
  const json = parseJson(text);
  if (status >= 300) throw new ChaosError(`${who}: ${detailOf(json) ?? `HTTP ${status}`}`);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ChaosError(`${who} answered something else than expected: ${boundedMessage(text)}`);
}

async function sendRequest(who: string, url: string, options: Call): Promise<HttpAnswer> {
  const { method = 'GET', token, body, timeoutMs = TIMEOUT_MS } = options;
  try {
    const answer = await request(url, {
      method,
      dispatcher,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  } catch (error) {
    throw new UnansweredError(`${who} does not answer: ${messageOf(error)}`);
  }
}

function detailOf(json: unknown): string | undefined {
  const detail = typeof json === 'object' && json !== null && 'detail' in json ? json.detail : undefined;
  return typeof detail === 'string' ? detail : undefined;
}
