/**
 * Records what SQS and DynamoDB refuse until somebody changes something: for the log once a minute, and for `/readyz` as long as
 * it lasts.
 */
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { StackCallObserver } from '../../contracts/stack/stack-calls.js';
import {
  describeRefusal,
  isStorageRefusal,
  type RefusalKind,
  type StackCall,
  type StackRefusal,
} from '../../contracts/errors/stack-refusal.js';

const LOG_EVERY_MS = 60_000;
/** A call that nobody makes any more would else keep a coordinator from being ready for good. */
const FORGET_AFTER_MS = 60_000;
/** Resources are few; names come from outside all the same. */
const MAX_REMEMBERED = 100;

const EVENTS: Readonly<Record<RefusalKind, string>> = {
  access_denied: 'stack.access_denied',
  credentials_rejected: 'stack.access_denied',
  resource_not_found: 'stack.resource_missing',
  storage_full: 'stack.write_refused',
  storage_failed: 'stack.write_refused',
};

/** All writes share one disk: the first that is taken shows that it is well again. */
const STORAGE = 'storage';
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/** That there is none is what these calls ask. */
const ASK_FOR_EXISTENCE = new Set(['GetQueueUrl', 'DescribeTable']);

interface Known {
  readonly refusal: StackRefusal;
  readonly refusedAt: number;
  readonly loggedAt: number;
}

export class StackRefusals implements StackCallObserver {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #known = new Map<string, Known>();

  constructor(clock: Pick<Clock, 'monotonic'>, logger: Pick<Logger, 'warn'>) {
    this.#clock = clock;
    this.#logger = logger;
  }

  called(
    _operation: string,
    _durationMs: number,
    error: string | undefined,
    call: StackCall,
    refusal: StackRefusal | undefined,
  ): void {
    if (refusal !== undefined) this.#refused(call, refusal);
    else if (error === undefined && this.#known.size > 0) this.#allowed(call);
  }

  /** In sentences; none where nothing is refused. */
  reasons(): string[] {
    const now = this.#clock.monotonic();
    const lasting = [...this.#known.values()].filter(({ refusedAt }) => now - refusedAt <= FORGET_AFTER_MS);
    return [...new Set(lasting.map(({ refusal }) => describeRefusal(refusal)))];
  }

  #allowed(call: StackCall): void {
    this.#known.delete(callKey(call));
    this.#known.delete(resourceKey(call));
    if (WRITES.has(call.action)) this.#known.delete(STORAGE);
  }

  #refused(call: StackCall, refusal: StackRefusal): void {
    const { service, action, resource, kind, error } = refusal;
    const isMissing = kind === 'resource_not_found';
    if (isMissing && ASK_FOR_EXISTENCE.has(action)) return;
    const key = isStorageRefusal(kind) ? STORAGE : isMissing ? resourceKey(call) : callKey(call);
    const now = this.#clock.monotonic();
    const known = this.#known.get(key);
    const isDue = known === undefined || now - known.loggedAt >= LOG_EVERY_MS;
    if (isDue) this.#logger.warn({ service, action, resource, error }, EVENTS[kind]);
    this.#known.delete(key); // the latest stands last
    this.#known.set(key, { refusal, refusedAt: now, loggedAt: isDue ? now : known.loggedAt });
    if (this.#known.size > MAX_REMEMBERED) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Who may not write may read. */
function callKey({ service, action, resource }: StackCall): string {
  return `${service}:${action} ${resource}`;
}

/** A table that is there again is there for all calls, and so are its indexes. */
function resourceKey({ resource }: StackCall): string {
  return resource.split('/').slice(0, 2).join('/');
}
