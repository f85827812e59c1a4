/** `POST /invoke` and `GET /healthz` over HTTP, with connections kept open. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { ALL_KINDS } from '../../contracts/worker/fault-kinds.js';
import { InvokeFailedError, WorkerUnreachableError } from '../../contracts/errors/errors.js';
import {
  FAULT_HEADER,
  invokeResponseSchema,
  type InvokeRequest,
  type InvokeResponse,
} from '../../contracts/worker/invoke.js';
import { TRACEPARENT } from '../../contracts/system/tracing.js';
import type { InvokeOptions, FunctionClient, WorkerAddress } from '../../contracts/worker/function-client.js';
import { boundedMessage, messageOf, parseJson } from '../../contracts/common/text.js';
import { AddressNotAllowedError, type WorkerAddresses } from './worker-addresses.js';

const CONNECT_TIMEOUT_MS = 1000;
/** Far more than 256 outcomes take. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_ADDRESS_NOT_ALLOWED',
]);

export class HttpFunctionClient implements FunctionClient {
  readonly #token: string;
  /** Time limits are the caller's: an exchange stays open as long as its signal lets it. */
  readonly #agent: Agent;
  readonly #addresses: WorkerAddresses;

  constructor(token: string, addresses: WorkerAddresses) {
    this.#token = token;
    this.#addresses = addresses;
    this.#agent = new Agent({
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: addresses.lookup },
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  async invoke(
    worker: WorkerAddress,
    invoke: InvokeRequest,
    invokeCall: InvokeOptions,
  ): Promise<InvokeResponse> {
    const { status, body } = await this.#post(worker, JSON.stringify(invoke), invokeCall);
    if (status !== 200) throw new InvokeFailedError(`http_${status}`, problemOf(status, body));
    const parsed = invokeResponseSchema.safeParse(parseJson(body));
    if (!parsed.success)
      throw new InvokeFailedError(
        'broken_answer',
        boundedMessage(`the worker's answer cannot be used: ${firstComplaint(parsed.error)}`),
      );
    return parsed.data;
  }

  async isHealthy(worker: WorkerAddress, timeoutMs: number): Promise<boolean> {
    try {
      this.#check(worker);
      const answer = await request(`${worker.address}/healthz`, {
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** A connection to an address is made without asking what a name leads to. */
  #check({ id, address }: WorkerAddress): void {
    if (this.#addresses.mayBeAt(address)) return;
    throw new AddressNotAllowedError(`${id} is where no worker may be; see WORKER_ADDRESSES`);
  }

  async #post(worker: WorkerAddress, body: string, invokeCall: InvokeOptions) {
    try {
      this.#check(worker);
      const answer = await request(`${worker.address}/invoke`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.#token}`,
          ...(invokeCall.traceparent !== undefined && { [TRACEPARENT]: invokeCall.traceparent }),
        },
        body,
        dispatcher: this.#agent,
        signal: invokeCall.signal,
        onInfo: ({ headers }) => {
          const faults = headers[FAULT_HEADER];
          if (typeof faults === 'string')
            for (const fault of faults.split(', ')) invokeCall.onFault(knownKind(fault));
        },
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    } catch (error) {
      if (UNREACHABLE.has(codeOf(error)))
        throw new WorkerUnreachableError(messageOf(error), { cause: error });
      throw new InvokeFailedError(
        'connection_lost',
        boundedMessage(`the connection broke: ${messageOf(error)}`),
        error,
      );
    }
  }
}

/** Each kind is a metric and a figure of the statistics: whoever answers there cannot make up more of them. */
function knownKind(fault: string): string {
  return ALL_KINDS.find((kind) => kind === fault) ?? 'unknown';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Which field, and what was expected there; never what stood there, which may be anybody's. */
function firstComplaint({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined || issue.path.length === 0) return 'it is no answer to an invoke';
  return `${issue.path.map(String).join('.')}: ${issue.message}`;
}

const problemSchema = z.object({ code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/) });

/** A body may come from anybody who answers at that address: a code of ours, and none of its words. */
function problemOf(status: number, body: string): string {
  const problem = problemSchema.safeParse(parseJson(body));
  return `the worker answered ${status}${problem.success ? `: ${problem.data.code}` : ''}`;
}
