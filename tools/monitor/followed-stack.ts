/** The stack that is watched: found anew after a read that failed, since its system may have come back with another key or address. */
import { findStack, type FoundStack, type StackChoice } from './find-stack.js';
import type { MonitorPorts } from './read/ports.js';

export type StackReaders = Pick<MonitorPorts, 'queue' | 'workers' | 'stats' | 'batches'>;

export interface OpenedStack {
  readonly readers: StackReaders;
  close(): void;
}

export type OpenStack = (found: FoundStack) => OpenedStack;

export class WatchedStack {
  readonly #choice: StackChoice;
  readonly #openStack: OpenStack;
  #found: FoundStack;
  #open: OpenedStack;

  private constructor(choice: StackChoice, openStack: OpenStack, found: FoundStack) {
    this.#choice = choice;
    this.#openStack = openStack;
    this.#found = found;
    this.#open = openStack(found);
  }

  /** @throws SettingsError where nobody says which one, or nothing runs where it should */
  static async find(choice: StackChoice, openStack: OpenStack): Promise<WatchedStack> {
    return new WatchedStack(choice, openStack, await findStack(choice));
  }

  get endpoint(): string {
    const { endpointDynamodb, region } = this.#found;
    return endpointDynamodb ?? `AWS ${region}`;
  }

  /** Readers of the stack that was found last. */
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
    const found = await findStack(this.#choice).catch(() => undefined);
    if (found === undefined || isSameStack(found, this.#found)) return;
    const before = this.#open;
    this.#open = this.#openStack(found);
    this.#found = found;
    before.close();
  }

  close(): void {
    this.#open.close();
  }
}

function isSameStack(one: FoundStack, other: FoundStack): boolean {
  return (
    one.endpointSqs === other.endpointSqs &&
    one.endpointDynamodb === other.endpointDynamodb &&
    one.region === other.region &&
    one.accessKeyId === other.accessKeyId
  );
}
