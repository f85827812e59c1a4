/** The event streams that are open: bounded, and ended when the coordinator stops. */
import type { Response } from 'express';
import { BoomerangError } from '../../contracts/errors.js';
import type { Clock } from '../../contracts/ports.js';
import { EventStream } from './event-stream.js';
import { refuseWhileStopping, type Stopping } from './stopping.js';

const MOST_STREAMS = 100;

export class OpenStreams {
  readonly #clock: Clock;
  readonly #stopping: Stopping;
  readonly #streams = new Set<EventStream>();

  constructor(clock: Clock, stopping: Stopping) {
    this.#clock = clock;
    this.#stopping = stopping;
    stopping.refusing.addEventListener('abort', () => this.#endAll(), { once: true });
  }

  /** @returns `undefined` where the client has gone already @throws BoomerangError `too_many_streams`, `shutting_down` */
  open(response: Response, onClosed: () => void): EventStream | undefined {
    if (response.destroyed) return undefined;
    refuseWhileStopping(this.#stopping);
    if (this.#streams.size >= MOST_STREAMS) {
      throw new BoomerangError('too_many_streams', `${MOST_STREAMS} event streams are open already`, {
        retryAfterSeconds: 5,
      });
    }
    const stream = new EventStream(response, this.#clock);
    this.#streams.add(stream);
    response.once('close', () => {
      this.#streams.delete(stream);
      onClosed();
    });
    return stream;
  }

  #endAll(): void {
    for (const stream of this.#streams) stream.end();
  }
}
