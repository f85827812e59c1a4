/**
 * The queue's figures for those who look each second. Its depth changes all the time; the dead letters and the oldest
 * (a call for each shard of an index) are read in turns, so that who watches does not slow down what is watched.
 */
import type { LiveQueue } from '../../contracts/http/live.js';
import { readDeadLetters, readOldestQueuedMs, readQueue, type QueuePorts } from '../stats/stats-view.js';

const TURNS = 3;

export class RotatingQueueReader {
  readonly #ports: QueuePorts;
  readonly #visibilityTimeoutMs: number;
  #known: LiveQueue | undefined;
  #turn = 0;

  constructor(ports: QueuePorts, visibilityTimeoutMs: number) {
    this.#ports = ports;
    this.#visibilityTimeoutMs = visibilityTimeoutMs;
  }

  /** @throws StackUnavailableError */
  async read(): Promise<LiveQueue> {
    const known = this.#known;
    this.#known = known === undefined ? await this.#readAll() : await this.#readSome(known);
    return this.#known;
  }

  /** The known figures are old. */
  forget(): void {
    this.#known = undefined;
  }

  #readAll(): Promise<LiveQueue> {
    return readQueue(this.#ports, this.#visibilityTimeoutMs);
  }

  async #readSome(known: LiveQueue): Promise<LiveQueue> {
    this.#turn = (this.#turn + 1) % TURNS;
    const [depth, deadLetters, oldestQueuedMs] = await Promise.all([
      this.#ports.queue.depth(),
      this.#turn === 1 ? readDeadLetters(this.#ports) : known.deadLetters,
      this.#turn === 2 ? readOldestQueuedMs(this.#ports, this.#visibilityTimeoutMs) : known.oldestQueuedMs,
    ]);
    return { ...depth, deadLetters, oldestQueuedMs };
  }
}
