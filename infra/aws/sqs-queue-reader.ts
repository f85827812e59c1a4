/** Looks at the queues and changes nothing: whoever only watches must not make them, nor set their attributes. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { QueueDepth } from '../../contracts/stack/batch-queue.js';
import { resources, type Resources } from '../resources/resources.js';
import { findQueue } from './ensure-queues.js';
import { readQueueFigures, type QueueFigures } from './queue-figures.js';

/** Every method throws `StackUnavailableError`, also where there is no such queue yet. */
export class SqsQueueReader {
  readonly #client: SQSClient;
  readonly #queues: Resources['queues'];
  readonly #urls = new Map<string, string>();

  constructor(client: SQSClient, { queues }: Resources = resources) {
    this.#client = client;
    this.#queues = queues;
  }

  batches(): Promise<QueueFigures> {
    return this.#figures(this.#queues.batches.createQueue.QueueName);
  }

  async deadLetters(): Promise<QueueDepth> {
    return (await this.#figures(this.#queues.deadLetters.createQueue.QueueName)).depth;
  }

  /** An address is looked up once, and again after a failure: the queue may be another by then. */
  async #figures(name: string): Promise<QueueFigures> {
    const url = this.#urls.get(name) ?? (await this.#find(name));
    try {
      const figures = await readQueueFigures(this.#client, url);
      this.#urls.set(name, url);
      return figures;
    } catch (error) {
      this.#urls.delete(name);
      throw error;
    }
  }

  async #find(name: string): Promise<string> {
    const queue = await findQueue(this.#client, name);
    if (queue === undefined) throw new StackUnavailableError('GetQueueUrl', new Error(`no queue ${name}`));
    return queue.url;
  }
}
