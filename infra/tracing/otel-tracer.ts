/** Traces by OpenTelemetry, sent over OTLP/HTTP. To be imported only where traces are wanted: it loads the whole SDK. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Span, Tracer } from '../../contracts/system/tracing.js';

export interface TracingOptions {
  /** Such as http://127.0.0.1:4318; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly instanceId: string;
  readonly flushEveryMs?: number;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left, as far as the collector takes it soon. */
  stop(): Promise<void>;
}

const EXPORT_TIMEOUT_MS = 2000;
const FLUSH_EVERY_MS = 1000;
const TRACEPARENT_FORM = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export function startTracing({ endpoint, serviceName, instanceId, flushEveryMs }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': instanceId }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: flushEveryMs ?? FLUSH_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const otel = provider.getTracer('boomerang');
  return {
    tracer: {
      start: (name, { kind, parent, links = [], attributes = {}, startMs } = {}) => {
        const context = contextOf(parent);
        const span = otel.startSpan(
          name,
          {
            ...(kind !== undefined && { kind: KINDS[kind] }),
            ...(startMs !== undefined && { startTime: startMs }),
            attributes,
            links: links.flatMap((link) => contextOf(link) ?? []).map((linked) => ({ context: linked })),
          },
          context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context),
        );
        return {
          traceparent: textOf(span.spanContext()),
          set: (more) => void span.setAttributes(more),
          fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
          end: (atMs) => span.end(atMs),
        } satisfies Span;
      },
    },
    stop: () => provider.shutdown().catch(() => undefined), // a collector that is away is no reason to fail
  };
}

function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT_FORM.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function textOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
