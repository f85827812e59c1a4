/** Adds long polls to the queue model. */
import type { ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import type { VirtualTime } from '../engine/virtual-time.js';
import type { QueueModel } from './queue-model.js';

export class QueueService {
  readonly model: QueueModel;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime, model: QueueModel) {
    this.#time = time;
    this.model = model;
  }

  /** Answers as soon as there are messages, or without any when the time is up. */
  receive(max: number, waitMs: number, answer: (messages: readonly ReceivedMessage[]) => void): void {
    const messages = this.model.take(max);
    if (messages.length > 0 || waitMs <= 0) {
      answer(messages);
      return;
    }
    const untilMs = this.#time.nowMs + waitMs;
    const look = () => {
      stopListening();
      cancel();
      this.receive(max, untilMs - this.#time.nowMs, answer);
    };
    const nextMs = Math.min(untilMs, Math.max(this.#time.nowMs, this.model.nextVisibleAt()));
    const cancel = this.#time.after(nextMs - this.#time.nowMs, look);
    // Later, because the caller of the listener has not finished yet.
    const stopListening = this.model.onChange(() => {
      stopListening();
      cancel();
      this.#time.after(0, look);
    });
  }
}
