/**
 * The open event streams. Their number is bounded in total and per client, and they end when the coordinator stops. If the
 * bound is reached, the oldest stream ends, unless it is younger than a minimum age. Its client reconnects with
 * `Last-Event-ID` and misses nothing.
 */
import type { Response } from 'express';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { Clock } from '../../contracts/system/clock.js';
import { EventStream } from './event-stream.js';
import { refuseWhileStopping, type Stopping } from './stopping.js';

export interface StreamLimits {
  readonly total: number;
  /** From one address, which may be that of a proxy. */
  readonly perClient: number;
  /** A younger stream does not end for others. */
  readonly minAgeMs: number;
}

const LIMITS: StreamLimits = { total: 200, perClient: 50, minAgeMs: 30_000 };

interface OpenStream {
  readonly stream: EventStream;
  readonly client: string;
  readonly openedAt: number;
}

export class OpenStreams {
  readonly #clock: Clock;
  readonly #stopping: Stopping;
  readonly #limits: StreamLimits;
  /** The oldest first. */
  readonly #streams = new Set<OpenStream>();

  constructor(clock: Clock, stopping: Stopping, limits: StreamLimits = LIMITS) {
    this.#clock = clock;
    this.#stopping = stopping;
    this.#limits = limits;
    stopping.refusing.addEventListener('abort', () => this.#endAll(), { once: true });
  }

  /** @returns `undefined` if the client has gone already @throws BoomerangError `too_many_streams`, `shutting_down` */
  open(response: Response, onClosed: () => void): EventStream | undefined {
    if (response.destroyed) return undefined;
    refuseWhileStopping(this.#stopping);
    const client = response.req.socket.remoteAddress ?? '';
    const { total, perClient } = this.#limits;
    const ofClient = [...this.#streams].filter((open) => open.client === client);
    this.#makeRoom(ofClient, perClient, `${perClient} event streams are open already from your address`);
    this.#makeRoom([...this.#streams], total, `${total} event streams are open already`);
    const stream = new EventStream(response, this.#clock);
    const open = { stream, client, openedAt: this.#clock.monotonic() };
    this.#streams.add(open);
    response.once('close', () => {
      this.#streams.delete(open);
      onClosed();
    });
    return stream;
  }

  #makeRoom(streams: readonly OpenStream[], limit: number, reason: string): void {
    const [oldest] = streams;
    if (oldest === undefined || streams.length < limit) return;
    const waitMs = this.#limits.minAgeMs - (this.#clock.monotonic() - oldest.openedAt);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new BoomerangError('too_many_streams', reason, { retryAfterSeconds });
    }
    this.#streams.delete(oldest);
    oldest.stream.end();
  }

  #endAll(): void {
    for (const { stream } of this.#streams) stream.end();
  }
}
