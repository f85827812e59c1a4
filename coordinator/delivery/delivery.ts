/**
 * One delivery of a batch: invoke its open tasks, commit what came of it, and settle the message.
 *
 *     running ─> ending ─> ended ─┬─> every task terminal: message deleted
 *      (in groups of invokes)     └─> tasks left: message comes back, by its timeout or after a back-off
 *
 * An answer that comes after its invoke's time was up, or after the delivery's end, is committed like any other; as long
 * as a worker is still at it, the message is not brought back.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { MessageReturn } from '../../contracts/batch/delivery-cause.js';
import type { Reservation } from '../workers/reservation.js';
import { DeliveryCommits } from './delivery-commits.js';
import { DeliveryProgress, type ReceivedBatch } from './delivery-progress.js';
import { finish, release, returnByTimeout } from './delivery-state.js';
import type { DispatchContext } from './dispatch-context.js';
import { InvocationPlan } from './invocation-plan.js';
import { Invocations } from './invocations.js';
import { messageReturn } from './message-return.js';
import { StartRecorder } from './start-recorder.js';

export class Delivery {
  readonly #progress: DeliveryProgress;
  readonly #starts: StartRecorder;
  readonly #commits: DeliveryCommits;
  readonly #invocations: Invocations;

  constructor(
    context: DispatchContext,
    received: ReceivedBatch,
    original: BatchDocument,
    batch: BatchDocument,
  ) {
    this.#progress = new DeliveryProgress(context, received, original, batch);
    this.#starts = new StartRecorder(this.#progress);
    this.#commits = new DeliveryCommits(this.#progress, this.#starts);
    this.#invocations = new Invocations(this.#progress, this.#commits);
  }

  get number(): number {
    return this.#progress.number;
  }

  get isRunning(): boolean {
    return this.#progress.isRunning;
  }

  /** It was given back before its end, or no worker could be reached. */
  get wasReleased(): boolean {
    const { state } = this.#progress;
    return (state.tag !== 'running' && state.by === 'release') || this.#outcome === 'released';
  }

  /** How its message is to come back, where tasks are left. */
  get returnedBy(): MessageReturn {
    const { state } = this.#progress;
    return state.tag === 'running' ? 'visibility_timeout' : state.returnedBy;
  }

  /** As last read or written. */
  get batch(): BatchDocument {
    return this.#progress.batch;
  }

  get hasOverdueInvokes(): boolean {
    return this.#invocations.hasOverdue;
  }

  /** Whether a worker says that it still has in hand what was to be answered by now. */
  get isComputed(): boolean {
    return this.#invocations.isComputed;
  }

  /** Resolves when no invoke is overdue any more, and all that they brought is committed. */
  overdueInvokesEnded(): Promise<void> {
    return this.#invocations.overdueEnded();
  }

  /**
   * @param reservation released when nothing more is to be invoked
   * @returns the batch as the delivery left it. @throws StackUnavailableError only while stopping
   */
  async run(reservation: Reservation): Promise<BatchDocument> {
    const { context } = this.#progress;
    this.#starts.start();
    try {
      await new InvocationPlan(this.#progress, this.#commits, this.#invocations).run(reservation);
      this.#starts.stop();
      if (this.isRunning) {
        const returnedBy = messageReturn(context.options.redelivery, this.#progress.state);
        this.#progress.state = finish(this.#progress.state, context.clock.now(), returnedBy);
      }
      await this.#commits.commitNews();
      return this.#progress.batch;
    } finally {
      this.#starts.stop();
      this.#endSpan();
    }
  }

  /** Enters that it is given back before its end. It goes on with what is running, and starts nothing more. */
  async release(): Promise<void> {
    this.#progress.state = release(this.#progress.state, this.#progress.context.clock.now());
    this.#starts.stop();
    await this.#commits.commit();
  }

  /** Enters that the message will come back by its timeout after all: the queue did not take the back-off. */
  async recordReturnByTimeout(): Promise<void> {
    this.#progress.state = returnByTimeout(this.#progress.state);
    await this.#commits.commit();
  }

  get #outcome() {
    const { state } = this.#progress;
    return state.tag === 'ended' ? state.outcome : undefined;
  }

  #endSpan(): void {
    const { span } = this.#progress;
    const outcome = this.#outcome ?? 'released';
    span?.set({ 'boomerang.outcome': outcome });
    if (outcome === 'failed') span?.fail('not every task was answered');
    span?.end();
  }
}
