/** The commits of one delivery, one after the other: each builds on the record that the one before wrote. */
import { deliveryKey, type DeliveryRecord } from '../../contracts/batch/batch.js';
import { commitDelivery } from '../batch/commit-delivery.js';
import { withUniqueKey } from '../batch/delivery-history.js';
import { rewriteBatchWithResult } from '../ledger/rewrite-batch.js';
import { within } from '../tracing/traces.js';
import type { Reservation } from '../workers/reservation.js';
import type { DeliveryProgress } from './delivery-progress.js';
import { adoptCommit, commitEnd, recordOf } from './delivery-state.js';
import { recordDeliveriesLost, recordDeliveryEnded } from './delivery-telemetry.js';
import { persistWithoutSlot } from './persist-without-slot.js';
import type { StartRecorder } from './start-recorder.js';

export class DeliveryCommits {
  readonly #progress: DeliveryProgress;
  readonly #starts: StartRecorder;
  #last: Promise<unknown> = Promise.resolve();

  constructor(progress: DeliveryProgress, starts: StartRecorder) {
    this.#progress = progress;
    this.#starts = starts;
  }

  /** Commits what the store has not been told of; one write takes in what came while the one before was under way. */
  async commitNews(reservation?: Reservation): Promise<void> {
    await this.#enqueue(async () => {
      const { state } = this.#progress;
      if (state.uncommitted.length > 0 || state.tag === 'ending') await this.#write(reservation);
    });
  }

  async commit(): Promise<void> {
    await this.#enqueue(() => this.#write());
  }

  async #enqueue(commit: () => Promise<void>): Promise<void> {
    const committing = this.#last.catch(() => undefined).then(commit); // its own caller is told of a failure
    this.#last = committing;
    await committing;
  }

  async #write(reservation?: Reservation): Promise<void> {
    const { context, span } = this.#progress;
    await within(context.traces?.commit(span?.traceparent), () => this.#commitState(reservation));
  }

  /** @param reservation lent to others while the store is too busy for this batch */
  async #commitState(reservation?: Reservation): Promise<void> {
    const { context, original, batch } = this.#progress;
    const { gate, stopping, durations, ledger } = context;
    await this.#starts.settled;
    await ledger.stored(batch.id).catch(() => undefined);
    const { state } = this.#progress;
    const record = recordOf(state);
    const writeId = context.newWriteId();
    const write = () =>
      rewriteBatchWithResult(
        context,
        durations,
        {
          known: this.#progress.batch,
          original,
          change: (read, move) => {
            const result = commitDelivery(read, record, state.uncommitted, move);
            return { next: result.next, result };
          },
        },
        writeId,
      );
    const { batch: written, result } = await (reservation === undefined
      ? gate.persist(write, stopping)
      : persistWithoutSlot(context, reservation, write));
    context.stats.count('late', result.late.length);
    recordDeliveriesLost(context, this.#progress.batch, result.lost);
    if (written !== undefined) this.#progress.batch = written;
    this.#adopt(state, written?.deliveries[deliveryKey(withUniqueKey(written.deliveries, record))]);
  }

  /** The end of a delivery is recorded with the first commit that holds it, and with no other. */
  #adopt(before: DeliveryProgress['state'], written: DeliveryRecord | undefined): void {
    this.#progress.state = adoptCommit(this.#progress.state, before, written);
    if (before.tag !== 'ending') return;
    const ended = commitEnd(this.#progress.state, written?.outcome ?? 'released');
    this.#progress.state = ended;
    const { endedAtMs, outcome, returnedBy } = ended;
    recordDeliveryEnded(this.#progress.context, this.#progress.batch, {
      ...recordOf(ended),
      endedAtMs,
      outcome,
      returnedBy,
    });
  }
}
