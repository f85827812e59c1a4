/** Traces, as the parts need them: contexts are W3C `traceparent` texts, so that they travel in headers and attributes. */

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** A root where it is absent, or cannot be read. */
  readonly parent?: string | undefined;
  readonly links?: readonly string[];
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Epoch ms; now where it is absent. */
  readonly startMs?: number;
}

export interface Span {
  readonly traceparent: string;
  set(attributes: Readonly<Record<string, string | number>>): void;
  fail(message: string): void;
  /** @param atMs epoch ms; now where it is absent */
  end(atMs?: number): void;
}

export interface Tracer {
  start(name: string, options?: SpanOptions): Span;
}

/** The name of the HTTP header, and of the SQS message attribute. */
export const TRACEPARENT = 'traceparent';
