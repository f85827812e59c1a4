/** The parts of one delivery share this: where it stands, and its batch. */
import { findCause } from '../batch/find-cause.js';
import { withUniqueKey, withLostDeliveries } from '../batch/delivery-history.js';
import type { BatchDocument, RunningDelivery, UncommittedDelivery } from '../../contracts/batch/batch.js';
import { openTaskIndexes } from '../../contracts/batch/batch-state.js';
import type { ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import type { Span } from '../../contracts/system/tracing.js';
import { recordOf, started, type DeliveryState } from './delivery-state.js';
import type { DispatchContext } from './dispatch-context.js';

export type ReceivedBatch = Pick<ReceivedMessage, 'messageId' | 'receiveCount' | 'traceparent'> & {
  readonly send: number;
};

export class DeliveryProgress {
  readonly context: DispatchContext;
  /** The batch as the message told it: the store must hold at least this. */
  readonly original: BatchDocument;
  /** The batch with what came before this delivery entered, lost deliveries included. */
  readonly before: BatchDocument;
  readonly span: Span | undefined;
  /** As last read or written. */
  batch: BatchDocument;
  state: DeliveryState;

  constructor(
    context: DispatchContext,
    received: ReceivedBatch,
    original: BatchDocument,
    batch: BatchDocument,
  ) {
    this.context = context;
    this.original = original;
    this.batch = batch;
    const nowMs = context.clock.now();
    const { messageId, receiveCount, send } = received;
    const receive = { messageId, receiveCount, ...(send === 1 ? {} : { send }) };
    const taskIndexes = openTaskIndexes(batch);
    this.before = withLostDeliveries(batch, receive, { nowMs, ...context.durations });
    const start: RunningDelivery = {
      ...receive,
      number: this.before.deliveryCount + 1,
      cause: findCause(this.before, receive, taskIndexes),
      coordinatorId: context.options.coordinatorId,
      taskIndexes,
      startedAtMs: nowMs,
      invokes: [],
    };
    this.state = started(withUniqueKey(this.before.deliveries, start));
    this.span = context.traces?.deliver(batch, this.number, received.traceparent);
  }

  get number(): number {
    return this.state.start.number;
  }

  get isRunning(): boolean {
    return this.state.tag === 'running';
  }

  /** As it is entered in its batch. */
  get record(): UncommittedDelivery {
    return recordOf(this.state);
  }
}
