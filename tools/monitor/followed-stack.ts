/** The stack that is watched: found anew after a read that failed, since its system may have come back with another key or address. */
import { createClients, type Clients } from '../../infra/aws/clients.js';
import { localCredentials } from '../../infra/aws/local-calls.js';
import { DynamoBatchStore } from '../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../infra/aws/dynamo-worker-store.js';
import { SqsQueueReader } from '../../infra/aws/sqs-queue-reader.js';
import { tableNames } from '../../infra/resources/resources.js';
import { findStack, type FoundStack, type StackChoice } from './find-stack.js';
import type { MonitorPorts } from './read/ports.js';

type StackReaders = Pick<MonitorPorts, 'queue' | 'workers' | 'stats' | 'batches'>;

interface OpenStack {
  readonly found: FoundStack;
  readonly clients: Clients;
  readonly readers: StackReaders;
}

export class FollowedStack {
  readonly #choice: StackChoice;
  #open: OpenStack;

  private constructor(choice: StackChoice, open: OpenStack) {
    this.#choice = choice;
    this.#open = open;
  }

  /** @throws SettingsError where nobody says which one, or nothing runs where it should */
  static async find(choice: StackChoice): Promise<FollowedStack> {
    return new FollowedStack(choice, openStack(await findStack(choice), choice.live));
  }

  get endpoint(): string {
    const { endpointDynamodb, region } = this.#open.found;
    return endpointDynamodb ?? `AWS ${region}`;
  }

  /** Of the stack as it was found last. */
  readonly readers: StackReaders = {
    queue: {
      batches: () => this.#open.readers.queue.batches(),
      deadLetters: () => this.#open.readers.queue.deadLetters(),
    },
    workers: { list: () => this.#open.readers.workers.list() },
    stats: { range: (...given) => this.#open.readers.stats.range(...given) },
    batches: {
      listByTime: (...given) => this.#open.readers.batches.listByTime(...given),
      listOpen: (...given) => this.#open.readers.batches.listOpen(...given),
      readMany: (...given) => this.#open.readers.batches.readMany(...given),
    },
  };

  /** Never rejects: where nothing runs just now, what was there is still meant. */
  async findAgain(): Promise<void> {
    const { live } = this.#choice;
    const found = await findStack(this.#choice).catch(() => undefined);
    if (found === undefined || isSame(found, this.#open.found)) return;
    const before = this.#open;
    this.#open = openStack(found, live);
    before.clients.close();
  }

  close(): void {
    this.#open.clients.close();
  }
}

function openStack(found: FoundStack, live: boolean): OpenStack {
  const { endpointSqs, endpointDynamodb, region, accessKeyId } = found;
  const credentials = live ? undefined : localCredentials(accessKeyId);
  const clients = createClients({ endpointSqs, endpointDynamodb, region, live, credentials });
  const readers = {
    queue: new SqsQueueReader(clients.sqs),
    workers: new DynamoWorkerStore(clients.dynamodb, tableNames.workers),
    stats: new DynamoStatsStore(clients.dynamodb, tableNames.stats),
    batches: new DynamoBatchStore(clients.dynamodb, tableNames.batches),
  };
  return { found, clients, readers };
}

function isSame(one: FoundStack, other: FoundStack): boolean {
  return (
    one.endpointSqs === other.endpointSqs &&
    one.endpointDynamodb === other.endpointDynamodb &&
    one.region === other.region &&
    one.accessKeyId === other.accessKeyId
  );
}
