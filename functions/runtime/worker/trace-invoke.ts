/** The spans of a worker: the invoke, and in it tokenizing and the model. */
import type { Request, Response } from 'express';
import type { InvokeRequest, InvokeResponse } from '../../../contracts/worker/invoke.js';
import type { Clock } from '../../../contracts/system/clock.js';
import { TRACEPARENT, type Tracer } from '../../../contracts/system/tracing.js';

export interface TracedInvoke {
  recordFault(fault: string): void;
  recordRun(timings: InvokeResponse['timings']): void;
}

/** The span ends with the response. It is lost if the worker dies. */
export function traceInvoke(
  tracer: Tracer,
  clock: Pick<Clock, 'now'>,
  request: Request,
  response: Response,
  { batchId, delivery, tasks }: InvokeRequest,
): TracedInvoke {
  const span = tracer.start('function', {
    kind: 'server',
    parent: request.get(TRACEPARENT),
    attributes: {
      'boomerang.batch_id': batchId,
      'boomerang.delivery': delivery,
      'boomerang.tasks': tasks.length,
    },
  });
  response.once('close', () => {
    if (!response.writableFinished) span.fail('no answer was sent');
    span.end();
  });
  const part = (name: string, startMs: number, endMs: number) =>
    tracer.start(name, { parent: span.traceparent, startMs }).end(endMs);
  return {
    recordFault: (fault) => span.set({ 'boomerang.fault': fault }),
    // The function reports the durations; their end is now.
    recordRun: ({ tokenizeMs, computeMs }) => {
      const endMs = clock.now();
      part('tokenize', endMs - computeMs - tokenizeMs, endMs - computeMs);
      part('compute', endMs - computeMs, endMs);
    },
  };
}
