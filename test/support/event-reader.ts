/** Reads an event stream as a client does: by fetch, event by event. */
import { createParser } from 'eventsource-parser';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.js';

export interface SeenEvent {
  readonly event: string;
  readonly id: string | undefined;
  /** Parsed; the test that reads it knows what it is. */
  readonly data: unknown;
}

export type WhenOver = (call: () => void | Promise<void>) => void;
export type EventReader = Awaited<ReturnType<typeof readEvents>>;

/** @param whenOver tests that run beside each other pass their own */
export async function readEvents(
  url: string,
  headers: Record<string, string> = {},
  whenOver: WhenOver = onTestFinished,
) {
  const abort = new AbortController();
  whenOver(() => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: SeenEvent[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) =>
      events.push({ event: event ?? 'message', id, data: JSON.parse(data) as unknown }),
    onComment: (comment) => comments.push(comment),
  });
  let ended: 'no' | 'by the server' | 'cut' = 'no';
  const over = (async () => {
    const decoder = new TextDecoder();
    try {
      const chunks = (response.body ?? []) as AsyncIterable<Uint8Array>;
      for await (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
      ended = 'by the server';
    } catch {
      ended = 'cut';
    }
  })();
  const of = (name: string) => events.filter(({ event }) => event === name);
  return {
    status: response.status,
    headers: response.headers,
    events,
    comments,
    of,
    /** Waits until the server ended it, or it was cut. */
    end: async () => {
      await over;
      return ended;
    },
    close: () => abort.abort(),
    /** Waits for the first event of that name that `matches`. */
    next: (name: string, matches: (data: never) => boolean = () => true): Promise<SeenEvent> =>
      eventually(() => of(name).find(({ data }) => matches(data as never)) ?? false),
  };
}
