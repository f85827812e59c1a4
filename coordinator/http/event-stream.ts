/** A response with server-sent events. */
import type { Response } from 'express';
import type { Clock } from '../../contracts/system/clock.js';
import { repeat } from '../async/repeat.js';

/** Shorter than the idle timeout of proxies. */
const KEEP_ALIVE_MS = 10_000;
/** TCP keep-alive, which detects peers that disappeared. */
const PROBE_AFTER_MS = 15_000;
/** A client that has unread data and reads nothing for this long is taken for gone. */
const STUCK_MS = 30_000;
const RETRY_MS = 1000;
/** A client that still reads reconnects with `Last-Event-ID`. One that does not frees its place. */
export const MAX_AGE_MS = 15 * 60_000;

export interface ServerEvent {
  readonly event: string;
  readonly id?: string;
  /** JSON, so without line breaks. */
  readonly data: string;
}

export class EventStream {
  readonly #response: Response;
  readonly #clock: Clock;
  readonly #stopKeepAlive: () => Promise<void>;
  readonly #endsAt: number;
  #behindSince: number | undefined;

  constructor(response: Response, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    this.#endsAt = clock.monotonic() + MAX_AGE_MS;
    response.socket?.setKeepAlive(true, PROBE_AFTER_MS);
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      // Otherwise a stop would wait for the connection to become idle.
      Connection: 'close',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#stopKeepAlive = repeat(clock, KEEP_ALIVE_MS, () => this.#keepAlive());
    response.on('drain', () => (this.#behindSince = undefined));
    response.once('close', () => void this.#stopKeepAlive());
  }

  /** Whether the client has not read everything. Callers should delay or skip what they can. */
  get isBehind(): boolean {
    return this.#response.writableNeedDrain;
  }

  get isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  send({ event, id, data }: ServerEvent): void {
    if (!this.isOpen) return;
    this.#response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  }

  end(): void {
    if (this.isOpen) this.#response.end();
  }

  /** A stream that has ended may still have unread data, and is destroyed after the same time. */
  #keepAlive(): Promise<void> {
    if (this.#clock.monotonic() >= this.#endsAt) this.end();
    if (this.isOpen && !this.isBehind) {
      this.#response.write(': still here\n\n');
      return Promise.resolve();
    }
    const now = this.#clock.monotonic();
    this.#behindSince ??= now;
    if (now - this.#behindSince >= STUCK_MS) this.#response.destroy();
    return Promise.resolve();
  }
}
