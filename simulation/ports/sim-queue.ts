/** The coordinator's port of SQS, over a link that may fail. */
import type { BatchMessage } from '../../contracts/batch/message.js';
import type {
  BatchQueue,
  MessageSource,
  QueueDepth,
  ReceivedMessage,
} from '../../contracts/stack/batch-queue.js';
import { asciiJson } from '../../contracts/common/text.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import type { QueueService } from '../models/queue-service.js';
import type { StackLink } from '../network/stack-link.js';

class SimMessageSource implements MessageSource {
  protected readonly link: StackLink;
  protected readonly service: QueueService;
  readonly #random: SeededRandom;

  constructor(link: StackLink, service: QueueService, random: SeededRandom) {
    this.link = link;
    this.service = service;
    this.#random = random;
  }

  receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]> {
    const waitMs = waitSeconds * 1000;
    return this.link.callWaiting<readonly ReceivedMessage[]>(
      'queue',
      `receive ${max}`,
      (answer) => this.service.receive(max, waitMs, answer),
      waitMs,
    );
  }

  changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    return this.link.call('queue', `changeVisibility ${receiptHandle} ${seconds}`, () =>
      this.service.model.changeVisibility(receiptHandle, seconds),
    );
  }

  /** Some of them may not be deleted. */
  deleteMany(receiptHandles: readonly string[]): Promise<readonly string[]> {
    return this.link.call('queue', `delete ${receiptHandles.join(' ')}`, () => {
      const left = receiptHandles.filter(() => this.#random.chance(this.undeletable));
      this.service.model.delete(receiptHandles.filter((handle) => !left.includes(handle)));
      return left;
    });
  }

  depth(): Promise<QueueDepth> {
    return this.link.call('queue', 'depth', () => this.service.model.depth());
  }

  /** Probability that one entry of a DeleteMessageBatch fails. */
  protected readonly undeletable: number = 0.002;
}

export class SimBatchQueue extends SimMessageSource implements BatchQueue {
  readonly deadLetters: MessageSource;

  constructor(link: StackLink, queue: QueueService, deadLetters: QueueService, random: SeededRandom) {
    super(link, queue, random);
    this.deadLetters = new SimMessageSource(link, deadLetters, random);
  }

  createdAt(): Promise<string> {
    return this.link.call('queue', 'createdAt', () => String(this.service.model.generation));
  }

  send(message: BatchMessage): Promise<void> {
    const body = asciiJson(message);
    return this.link.call('queue', `send ${message.batchId}`, () => void this.service.model.put(body));
  }
}
