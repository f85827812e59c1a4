import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Traces } from '../../../coordinator/tracing/traces.js';
import { startTracing, type Tracing } from '../../../infra/tracing/otel-tracer.js';
import { eventually } from '../../support/eventually.js';
import { fail, succeedAll, type Script } from '../../support/fake-functions.js';
import { startFakeCollector, type CollectedSpan } from '../../support/fake-collector.js';
import { startHttpCoordinator, type HttpCoordinator } from '../../support/http-coordinator.js';
import { startFakeWorker } from '../../functions/support/fake-worker.js';
import { invoke } from '../../functions/support/invoke.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;

let collector: Awaited<ReturnType<typeof startFakeCollector>>;
let tracing: Tracing;
let coordinator: HttpCoordinator | undefined;

beforeEach(async () => {
  collector = await startFakeCollector();
  tracing = startTracing({
    endpoint: collector.url,
    serviceName: 'boomerang-coordinator',
    instanceId: 'test',
    flushEveryMs: 20,
  });
});
afterEach(async () => {
  await coordinator?.stop();
  coordinator = undefined;
  await tracing.stop();
  await collector.close();
});

const start = async (script: Script) =>
  (coordinator = await startHttpCoordinator({ script, tracer: tracing.tracer }));

/** The only span of that name. */
function only(name: string): CollectedSpan {
  const [span, ...others] = collector.named(name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length + 1} spans ${name}`);
  return span;
}

describe('a trace', () => {
  it('leads from the request through the queue and every delivery', async () => {
    const seen: (string | undefined)[] = [];
    const { post } = await start((invoke, nth, invokeCall) => {
      seen.push(invokeCall.traceparent);
      if (nth > 1) return succeedAll(invoke);
      invokeCall.onFault('error');
      return fail();
    });
    expect((await post({ text: 'twice' }, { traceparent: CALLER })).status).toBe(200);
    await eventually(() => {
      expect(collector.named('deliver')).toHaveLength(2);
      expect(collector.named('commit')).toHaveLength(2);
      expect(collector.named('infer')).toHaveLength(1);
    });
    const { spans } = collector;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const infer = only('infer');
    expect(infer.parentSpanId).toBe('b7ad6b7169203331');
    expect(infer.attributes['http.response.status_code']).toBe('200');
    const send = only('send');
    expect(send.parentSpanId).toBe(infer.spanId);
    const deliveries = collector.named('deliver');
    expect(deliveries.map(({ parentSpanId }) => parentSpanId)).toEqual([send.spanId, send.spanId]);
    expect(deliveries.map(({ attributes }) => attributes['boomerang.delivery'])).toEqual(['1', '2']);
    expect(deliveries.map(({ attributes }) => attributes['boomerang.outcome'])).toEqual([
      'failed',
      'succeeded',
    ]);
    const invokes = collector.named('invoke');
    expect(invokes.map(({ parentSpanId }) => parentSpanId)).toEqual(deliveries.map(({ spanId }) => spanId));
    expect(invokes.map(({ attributes }) => attributes['boomerang.fault'])).toEqual(['error', undefined]);
    expect(invokes[0]?.status).toMatchObject({ code: 2, message: 'planned' });
    expect(seen).toEqual(invokes.map(({ spanId }) => `00-${TRACE}-${spanId}-01`));
    const commits = collector.named('commit').map(({ parentSpanId }) => parentSpanId);
    expect(new Set(commits)).toEqual(new Set(deliveries.map(({ spanId }) => spanId)));
    expect(spans.every(({ service }) => service === 'boomerang-coordinator')).toBe(true);
    expect(spans.every((span) => span.endTimeUnixNano >= span.startTimeUnixNano)).toBe(true);
  });

  it('of a batch belongs to its first request, and links the others, once each and not without bound', async () => {
    const traces = new Traces(tracing.tracer);
    const ids = Array.from({ length: 60 }, (_, index) => `request-${index}`);
    const answered = ids.map((id) => traces.request(id, undefined));
    const inputs = [...ids, ...ids].map((requestId) => ({ text: 'x', requestId, acceptedAtMs: 0 }));
    traces.send('batch', inputs).end();
    answered.forEach((answer) => answer(200));
    traces.send('later', inputs).end();
    await eventually(() => collector.named('infer').length === 60 && collector.named('send').length === 2);
    const spanOf = (id: string) =>
      collector.named('infer').find(({ attributes }) => attributes['boomerang.request_id'] === id)?.spanId;
    const [sent, later] = collector.named('send');
    expect(sent?.parentSpanId).toBe(spanOf('request-0'));
    expect(sent?.links.map(({ spanId }) => spanId)).toEqual(ids.slice(1, 32).map(spanOf));
    expect(sent?.attributes['boomerang.tasks']).toBe('120');
    expect(later?.parentSpanId ?? '').toBe(''); // those requests are over, and forgotten
    expect(later?.links).toEqual([]);
  });

  it('is not disturbed by a parent that cannot be read', async () => {
    const { post } = await start(succeedAll);
    expect((await post({ text: 'fine' }, { traceparent: 'nonsense' })).status).toBe(200);
    await eventually(() => collector.named('infer').length === 1);
    expect(only('infer').parentSpanId ?? '').toBe('');
  });
});

describe('a worker', () => {
  it('goes on with the trace that an invoke brings', async () => {
    const worker = await startFakeWorker({ tracer: tracing.tracer });
    try {
      expect((await invoke(worker.url, ['a'], { traceparent: CALLER })).status).toBe(200);
    } finally {
      await worker.stop();
    }
    await eventually(
      () => collector.named('compute').length === 1 && collector.named('function').length === 1,
    );
    const span = only('function');
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331' });
    for (const name of ['tokenize', 'compute']) {
      expect(only(name)).toMatchObject({ traceId: TRACE, parentSpanId: span.spanId });
    }
    const compute = only('compute');
    expect(Number(compute.endTimeUnixNano - compute.startTimeUnixNano) / 1e6).toBeCloseTo(2, 0);
  });
});

describe('without a collector', () => {
  it('everything works, and stopping does not wait for long', async () => {
    await collector.close();
    const { post } = await start(succeedAll);
    expect((await post({ text: 'fine' })).status).toBe(200);
    const from = performance.now();
    await tracing.stop();
    expect(performance.now() - from).toBeLessThan(5000);
    collector = await startFakeCollector(); // for afterEach
  });
});
