/**
 * The trace of a task: infer → send → deliver (once for each delivery) → invoke and commit. A batch carries tasks of
 * many requests: it belongs to the trace of the first, and names the others by links.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchInput } from '../../contracts/batch/message.js';
import type { Span, Tracer } from '../../contracts/system/tracing.js';

/** More would cost more than they tell. */
const MAX_LINKS = 31;

export class Traces {
  readonly #tracer: Tracer;
  /** The spans of requests that are not answered yet. */
  readonly #requests = new Map<string, Span>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** @returns what to call with the status when it was answered */
  request(requestId: string, parent: string | undefined): (status: number) => void {
    const span = this.#tracer.start('infer', {
      kind: 'server',
      parent,
      attributes: { 'boomerang.request_id': requestId },
    });
    this.#requests.set(requestId, span);
    return (status) => {
      if (this.#requests.get(requestId) === span) this.#requests.delete(requestId);
      span.set({ 'http.response.status_code': status });
      if (status >= 500) span.fail(`HTTP ${status}`);
      span.end();
    };
  }

  /** A batch that is being stored and sent. */
  send(batchId: string, inputs: readonly BatchInput[]): Span {
    const requests = [...new Set(inputs.map(({ requestId }) => requestId))];
    const [first, ...others] = requests.flatMap((id) => this.#requests.get(id)?.traceparent ?? []);
    return this.#tracer.start('send', {
      kind: 'producer',
      parent: first,
      links: others.slice(0, MAX_LINKS),
      attributes: { 'boomerang.batch_id': batchId, 'boomerang.tasks': inputs.length },
    });
  }

  deliver(batch: BatchDocument, delivery: number, parent: string | undefined): Span {
    return this.#tracer.start('deliver', {
      kind: 'consumer',
      parent,
      attributes: { 'boomerang.batch_id': batch.id, 'boomerang.delivery': delivery },
    });
  }

  invoke(workerId: string, tasks: number, parent: string | undefined): Span {
    return this.#tracer.start('invoke', {
      kind: 'client',
      parent,
      attributes: { 'boomerang.worker_id': workerId, 'boomerang.tasks': tasks },
    });
  }

  commit(parent: string | undefined): Span {
    return this.#tracer.start('commit', { kind: 'client', parent });
  }
}

/** Does the work within a span, where there is one. */
export async function within<T>(span: Span | undefined, work: () => Promise<T>): Promise<T> {
  if (span === undefined) return work();
  try {
    return await work();
  } catch (error) {
    span.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    span.end();
  }
}
