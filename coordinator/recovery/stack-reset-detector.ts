/**
 * Finds out that the stack was emptied, which no error shows: an init hook has often made table and queue again. A
 * marker item with a random id says so of the tables, the time of its creation of the queue. What is missing is made
 * again; what is held here is put back.
 */
import { StackThrottledError } from '../../contracts/errors/errors.js';
import { isTerminal } from '../../contracts/batch/batch-state.js';
import { givenAtMs, type BatchId } from '../../contracts/batch/ids.js';
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { MarkerStore } from '../../contracts/stack/stores.js';
import type { Random } from '../../contracts/system/random.js';
import type { StackResources } from '../../contracts/stack/stack-calls.js';
import { messageOf } from '../../contracts/common/text.js';
import { repeat } from '../async/repeat.js';
import { newWriteId } from '../ledger/write-id.js';
import type { BatchTimeouts } from '../ledger/rewrite-batch.js';
import { preloadRecentBatches } from './preload-recent-batches.js';
import { restoreBatches, resendUnfinished } from './restore-batches.js';
import type { RememberedKeys } from './remembered-keys.js';
import type { ResendPorts } from './resend-batch.js';

const INTERVAL_MS = 1000;
/** The others need a while to write back what they hold: a slow stack takes 20 ms for each batch. */
const OTHERS_PUT_BACK_MS = 60_000;

/** In this order: clients wait for what is unfinished; of the rest there is far more, and nobody needs it to go on. */
const STEPS = ['unfinished', 'messages', 'finished', 'keys'] as const;
type Step = (typeof STEPS)[number];
const TABLE_STEPS = ['unfinished', 'finished', 'keys'] as const satisfies readonly Step[];

export interface StackResetDetectorPorts extends ResendPorts {
  readonly clock: Clock;
  readonly queue: BatchQueue;
  readonly marker: MarkerStore;
  readonly resources: StackResources;
  readonly keys: RememberedKeys;
}

export class StackResetDetector {
  readonly #ports: StackResetDetectorPorts;
  readonly #timeouts: BatchTimeouts;
  #marker: string | undefined;
  #queueCreated: string | undefined;
  /** Monotonic: when the tables were last found to be others, or, at the start, to be new. */
  #emptiedAt = -Infinity;
  /** A look has failed. */
  #hasMissed = false;
  #hasPreloaded = false;
  /** The steps that are still to be done, after an attempt that the stack cut off. */
  readonly #due = new Set<Step>();
  #looking: Promise<void> | undefined;

  constructor(ports: StackResetDetectorPorts, timeouts: BatchTimeouts) {
    this.#ports = ports;
    this.#timeouts = timeouts;
  }

  /** @returns the way to stop */
  start(): () => Promise<void> {
    void this.check();
    const stop = repeat(this.#ports.clock, INTERVAL_MS, () => this.check());
    return async () => {
      await stop();
      await this.#looking;
    };
  }

  /** Looks once, and puts back what is missing. Never rejects. */
  check(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /**
   * Whether a batch that is not in its table may come back: the table was emptied a moment ago, and this coordinator or
   * another one has not got round to it. @throws StackUnavailableError
   */
  async mayBeRestored(id: BatchId): Promise<boolean> {
    const { ledger, clock, marker } = this.#ports;
    if (ledger.lookup(id) !== undefined) return true;
    if (!this.#canBeOfUs(id)) return false;
    if (this.#marker === undefined) await this.check();
    if (this.#marker === undefined) return true;
    if (clock.monotonic() < this.#emptiedAt + OTHERS_PUT_BACK_MS) return true;
    // Emptied since the last look.
    return (await marker.read()) !== this.#marker;
  }

  /** An id begins with the time at which it was given, by a clock that may be wrong or have been set right since. */
  #canBeOfUs(id: BatchId): boolean {
    const ageMs = this.#ports.clock.now() - givenAtMs(id);
    return Math.abs(ageMs) < this.#timeouts.retentionMs;
  }

  async #look(): Promise<void> {
    try {
      await this.#compare();
      await this.#ensureResources();
      const [preloaded] = await Promise.allSettled([this.#preloadOnce()]);
      await this.#putBack(); // of what is held, whatever kept the rest from being read
      if (preloaded.status === 'rejected') throw preloaded.reason;
    } catch (error) {
      this.#hasMissed = true;
      this.#ports.logger.debug({ error: messageOf(error) }, 'stack.check_failed');
      if (!(error instanceof StackThrottledError)) await this.#makeAgain();
    }
  }

  /**
   * The new queue's time is kept before its messages are sent: a task accepted after that went into the new one. A
   * coordinator that could not look at first may have accepted or finished tasks before the tables were emptied. The marker
   * that it finds says nothing then, because another coordinator may have made it since.
   */
  async #compare(): Promise<void> {
    const { clock, marker, queue, random } = this.#ports;
    const there = await marker.read();
    const found = there ?? (await marker.create(newMarker(clock.now(), random)));
    const isFirst = this.#marker === undefined;
    const isAnother = !isFirst && found !== this.#marker;
    if (isAnother || (isFirst && this.#hasMissed))
      this.#add(isAnother || there === undefined ? STEPS : TABLE_STEPS);
    const isNew = isFirst && clock.now() - madeAtMs(found) < OTHERS_PUT_BACK_MS;
    if (isNew || isAnother) this.#emptiedAt = clock.monotonic();
    this.#marker = found;
    const created = await queue.createdAt();
    if (this.#queueCreated !== undefined && created !== this.#queueCreated) this.#add(['messages']);
    this.#queueCreated = created;
  }

  /** After the marker was read: should the tables be emptied meanwhile, the next look finds another one. */
  async #preloadOnce(): Promise<void> {
    if (this.#hasPreloaded) return;
    const batches = await preloadRecentBatches(this.#ports);
    this.#hasPreloaded = true;
    this.#ports.logger.info({ batches }, 'stack.preloaded');
  }

  /** An init hook knows no settings, and where it was quick no look has failed: its queue has the timeout of the defaults. */
  async #ensureResources(): Promise<void> {
    if (this.#due.size > 0) await this.#ports.resources.ensure();
  }

  #add(steps: readonly Step[]): void {
    for (const step of steps) this.#due.add(step);
  }

  /** Each step by itself: one that fails is tried again, and the others are not. */
  async #putBack(): Promise<void> {
    const { logger, stats, ledger } = this.#ports;
    if (this.#due.size === 0) return;
    const isEmptied = this.#due.has('finished');
    const done: Partial<Record<Step, number>> = {};
    const failures: unknown[] = [];
    const holdsAny = ledger.held().next().done !== true;
    if (holdsAny) {
      logger.warn({ due: [...this.#due] }, 'stack.emptied');
      stats.event('stack.emptied', { tables: Number(isEmptied), queue: Number(this.#due.has('messages')) });
    }
    for (const step of STEPS.filter((each) => this.#due.has(each))) {
      try {
        done[step] = await this.#do(step, isEmptied);
        this.#due.delete(step);
      } catch (error) {
        failures.push(error);
      }
    }
    if (holdsAny) logger.warn(done, 'stack.restored');
    if (failures.length > 0) throw failures[0];
  }

  #do(step: Step, isEmptied: boolean): Promise<number> {
    switch (step) {
      case 'unfinished':
        return restoreBatches(this.#ports, this.#timeouts, (batch) => !isTerminal(batch));
      case 'messages':
        return resendUnfinished(this.#ports, this.#timeouts, isEmptied ? 'tables_emptied' : 'queue_emptied');
      case 'finished':
        return restoreBatches(this.#ports, this.#timeouts, isTerminal);
      case 'keys':
        return this.#ports.keys.restore();
    }
  }

  async #makeAgain(): Promise<void> {
    try {
      await this.#ports.resources.ensure();
    } catch (error) {
      this.#ports.logger.debug({ error: messageOf(error) }, 'stack.ensure_failed');
    }
  }
}

/** Tells when it was made: a coordinator that starts after an emptying must know that others may be putting back. */
function newMarker(nowMs: number, random: Random): string {
  return `${Math.floor(nowMs)}.${newWriteId(random)}`;
}

function madeAtMs(marker: string): number {
  return Number(/^(\d+)\./.exec(marker)?.[1] ?? -Infinity);
}
