/**
 * A standard SQS queue: a message is delivered at least once, in no order, hidden for a while each time, and moved to the
 * dead-letter queue after too many receives. Calls neither wait nor fail.
 */
import type { QueueDepth, ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';

export interface QueueSettings {
  readonly visibilityTimeoutMs: number;
  /** Infinity for a queue without a dead-letter queue. */
  readonly maxReceiveCount: number;
}

/** Behavior that differs between stacks, and rare behavior of SQS. */
export interface QueueQuirks {
  readonly random: SeededRandom;
  /** Decides whether the second receive of a duplicate is counted. */
  readonly counting: SeededRandom;
  /** Any visible message may be received next, else the one that waited longest. */
  readonly reorders: boolean;
  /** A handle of an earlier receive works like the latest one (LocalStack), else it has no effect. */
  readonly staleHandlesWork: boolean;
  /** Probability that a received message is not hidden. */
  readonly duplicates: () => number;
  /** Probability that a deleted message is received once more. */
  readonly undeletes: () => number;
}

export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  receiveCount: number;
  /** Whether the next receive has the count of the latest one, as copies of a message on different servers do. */
  keepsCount: boolean;
  handOuts: number;
  /** By the clock of the queue. */
  visibleAt: number;
  /** The latest one. */
  handle: string;
}

/** One receive of a message. */
export interface Receipt {
  readonly message: StoredMessage;
  /** Until when its holder may assume that no one else has the message. */
  heldUntil: number;
}

/** Called when the queue does something by itself. */
export interface QueueEvents {
  readonly duplicated?: (message: StoredMessage) => void;
  readonly uncounted?: (message: StoredMessage) => void;
  readonly undeleted?: (message: StoredMessage) => void;
  readonly deadLettered?: (message: StoredMessage) => void;
  /** A message was sent, received or deleted. */
  readonly changed?: () => void;
}

const UNCOUNTED_PROBABILITY = 0.5;
const REMEMBERED_DELETES = 50;

export class QueueModel {
  readonly messages = new Map<string, StoredMessage>();
  /** Counts the queues of this name. SQS distinguishes them by their time of creation. */
  generation = 1;
  readonly #name: string;
  readonly #now: () => number;
  readonly #settings: QueueSettings;
  readonly #deadLetters: QueueModel | undefined;
  readonly #quirks: QueueQuirks | undefined;
  readonly #events: QueueEvents;
  readonly #receipts = new Map<string, Receipt>();
  readonly #deleted: StoredMessage[] = [];
  readonly #listeners = new Set<() => void>();
  #serial = 0;

  constructor(
    name: string,
    now: () => number,
    settings: QueueSettings,
    deadLetters?: QueueModel,
    quirks?: QueueQuirks,
    events: QueueEvents = {},
  ) {
    this.#name = name;
    this.#now = now;
    this.#settings = settings;
    this.#deadLetters = deadLetters;
    this.#quirks = quirks;
    this.#events = events;
  }

  /** Calls `listener` when messages may have become visible early. @returns a function that ends this */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  put(body: string): StoredMessage {
    this.#serial += 1;
    const id = `${this.#name}${this.#serial}`;
    const counts = { receiveCount: 0, keepsCount: false, handOuts: 0 };
    const message = { id, body, ...counts, visibleAt: -Infinity, handle: '' };
    this.messages.set(id, message);
    this.#events.changed?.();
    this.#notify();
    return message;
  }

  take(max: number): ReceivedMessage[] {
    this.#moveDeadLetters();
    if (this.#quirks?.random.chance(this.#quirks.undeletes()) === true) this.#undelete();
    const taken: ReceivedMessage[] = [];
    for (const message of this.#choose(max)) taken.push(this.#handOut(message));
    return taken;
  }

  /** When the next hidden message becomes visible. Infinity if none is hidden. */
  nextVisibleAt(): number {
    let next = Infinity;
    for (const { visibleAt } of this.messages.values()) next = Math.min(next, visibleAt);
    return next;
  }

  /** The receive of a handle, even if it is not the latest. */
  receipt(handle: string): Readonly<Receipt> | undefined {
    return this.#receipts.get(handle);
  }

  changeVisibility(handle: string, seconds: number): void {
    const receipt = this.#receipts.get(handle);
    if (receipt === undefined) return;
    // A holder that was late does not learn so, and relies on the change.
    receipt.heldUntil = this.#now() + seconds * 1000;
    if (!this.#isInForce(handle)) return;
    receipt.message.visibleAt = receipt.heldUntil;
    receipt.message.keepsCount = false;
    if (seconds === 0) this.#notify();
  }

  delete(handles: readonly string[]): void {
    for (const handle of handles) {
      const message = this.#receipts.get(handle)?.message;
      if (message === undefined || !this.#isInForce(handle)) continue;
      this.#events.changed?.();
      this.messages.delete(message.id);
      this.#deleted.push(message);
      if (this.#deleted.length > REMEMBERED_DELETES) this.#deleted.shift();
    }
  }

  /** Replaces the queue with an empty one of the same name. */
  recreate(): StoredMessage[] {
    this.generation += 1;
    return this.lose();
  }

  /** Loses messages. Default: all. */
  lose(isLost: (message: StoredMessage) => boolean = () => true): StoredMessage[] {
    const lost = [...this.messages.values()].filter(isLost);
    for (const { id } of lost) this.messages.delete(id);
    return lost;
  }

  depth(): QueueDepth {
    const now = this.#now();
    const visible = [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= now).length;
    return { visible, inFlight: this.messages.size - visible, delayed: 0 };
  }

  /** Whether the handle still has an effect on its message. */
  #isInForce(handle: string): boolean {
    const message = this.#receipts.get(handle)?.message;
    if (message === undefined || !this.messages.has(message.id)) return false;
    return message.handle === handle || this.#quirks?.staleHandlesWork !== false;
  }

  #choose(max: number): StoredMessage[] {
    const now = this.#now();
    const visible: StoredMessage[] = [];
    for (const message of this.messages.values()) {
      if (message.visibleAt <= now) visible.push(message);
      if (this.#quirks?.reorders !== true && visible.length === max) break;
    }
    if (this.#quirks?.reorders !== true) return visible;
    const chosen: StoredMessage[] = [];
    while (chosen.length < max && visible.length > 0) {
      chosen.push(...visible.splice(this.#quirks.random.below(visible.length), 1));
    }
    return chosen;
  }

  #handOut(message: StoredMessage): ReceivedMessage {
    this.#events.changed?.();
    if (message.keepsCount) this.#events.uncounted?.(message);
    else message.receiveCount += 1;
    message.keepsCount = false;
    message.handOuts += 1;
    message.visibleAt = this.#now() + this.#settings.visibilityTimeoutMs;
    message.handle = `${message.id}#${message.handOuts}`;
    this.#receipts.set(message.handle, { message, heldUntil: message.visibleAt });
    // A message that failed or expired goes to the end of the queue.
    this.messages.delete(message.id);
    this.messages.set(message.id, message);
    if (this.#quirks?.random.chance(this.#quirks.duplicates()) === true) {
      message.visibleAt = this.#now();
      message.keepsCount = this.#quirks.counting.chance(UNCOUNTED_PROBABILITY);
      this.#events.duplicated?.(message);
    }
    const { id: messageId, handle: receiptHandle, receiveCount, body } = message;
    return { messageId, receiptHandle, receiveCount, body };
  }

  #undelete(): void {
    const message = this.#deleted.pop();
    if (message === undefined) return;
    message.visibleAt = this.#now();
    this.messages.set(message.id, message);
    this.#events.undeleted?.(message);
  }

  #moveDeadLetters(): void {
    if (this.#deadLetters === undefined) return;
    const now = this.#now();
    for (const message of [...this.messages.values()]) {
      if (message.visibleAt > now || message.receiveCount < this.#settings.maxReceiveCount) continue;
      this.messages.delete(message.id);
      this.#deadLetters.put(message.body);
      this.#events.deadLettered?.(message);
    }
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
