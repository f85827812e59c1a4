/**
 * What the parts need of the world, passed in by the composition roots: this is what lets the whole coordinator
 * run on any stack, and in a simulation with virtual time.
 */
import type { BatchDocument, DeliveryRecord } from './batch.js';
import type { BatchId, TaskId } from './ids.js';
import type { InvokeRequest, InvokeResponse } from './invoke.js';
import type { BatchMessage } from './message.js';
import type { StackCall, StackRefusal } from './stack-refusal.js';
import type { StatsRow } from './stats.js';
import type { WorkerRecord } from './worker.js';

export interface Clock {
  /** Wall clock, epoch milliseconds with fractions; may step. */
  now(): number;
  /** Milliseconds that never step, from an arbitrary origin: for durations and leases. */
  monotonic(): number;
  /** Calls once after `delayMs`; returns the way to cancel. */
  timer(delayMs: number, call: () => void): () => void;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  bytes(count: number): Uint8Array;
}

/** What pino offers and we use: fields first, then the event's name. */
export interface Logger {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  /** How often the queue has handed this message out, this time included: from 1. */
  readonly receiveCount: number;
  readonly body: string;
  /** Of the trace that its sender gave it. */
  readonly traceparent?: string;
}

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Every method throws `StackUnavailableError` where the queue does not answer. */
export interface MessageSource {
  /** Waits up to `waitSeconds` (whole, 0–20) for the first of at most `max` (1–10) messages. Never abort it. */
  receive(max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]>;
  /**
   * `seconds` is whole; 0 hands the message out again at once. A stale receipt handle is no error. Nothing is sent, or
   * sent again, once `withinMs` have passed.
   */
  changeVisibility(receiptHandle: string, seconds: number, withinMs?: number): Promise<void>;
  /** At most ten at a time; resolves with the handles that could not be deleted. A stale one counts as deleted. */
  deleteMany(receiptHandles: readonly string[]): Promise<readonly string[]>;
  depth(): Promise<QueueDepth>;
}

export interface BatchQueue extends MessageSource {
  /** @param traceparent travels with the message */
  send(message: BatchMessage, traceparent?: string): Promise<void>;
  /** Where a message goes after too many receives. */
  readonly deadLetters: MessageSource;
  /** When the queue was made, as the queue tells it: another value means another queue, without the old one's messages. */
  createdAt(): Promise<string>;
}

/** An item that goes when its table is emptied. Every method throws `StackUnavailableError` as stores do. */
export interface MarkerStore {
  read(): Promise<string | undefined>;
  /** Creates it with this id where there is none. @returns the id that stands */
  create(id: string): Promise<string>;
}

/** Told of every call to SQS and DynamoDB when it has ended, tries again included. */
export interface StackCallObserver {
  /** @param error the error's name; absent of an answer, a failed condition among them */
  called(
    operation: string,
    durationMs: number,
    error: string | undefined,
    call: StackCall,
    refusal: StackRefusal | undefined,
  ): void;
}

/** Queues and tables themselves. */
export interface StackResources {
  /** Makes what is missing. @throws StackUnavailableError */
  ensure(): Promise<void>;
}

/** One page of batch ids from an index; more may follow `next`. */
export interface IndexPage {
  readonly entries: readonly IndexEntry[];
  readonly more: boolean;
}

export interface IndexEntry {
  readonly id: BatchId;
  /** Where the entry stands in its index, epoch ms. */
  readonly atMs: number;
}

/** Every method throws `StackUnavailableError` where the store does not answer, `StackThrottledError` where it is too busy. */
export interface BatchStore {
  /** Stores a batch that must not exist yet; else gives what is there (read consistently). */
  create(batch: BatchDocument): Promise<BatchDocument | 'created'>;
  /** Consistent read. */
  read(id: BatchId): Promise<BatchDocument | undefined>;
  /**
   * Up to 100 at once, consistent; what does not exist is left out.
   * @param onThrottled told of those that the store is too busy to give; without it the whole read fails instead
   */
  readMany(
    ids: readonly BatchId[],
    onThrottled?: (ids: readonly BatchId[]) => void,
  ): Promise<readonly BatchDocument[]>;
  /**
   * Puts `next` in the place of `previous` if its `rev` still stands, else writes nothing. Deliveries are written
   * one by one, so that another delivery's start entry, which leaves `rev` alone, is not lost.
   */
  replace(previous: BatchDocument, next: BatchDocument): Promise<'written' | 'conflict'>;
  /** Enters one running delivery, under the condition `rev = :readRev`; leaves `rev` and slots alone. */
  recordStart(
    id: BatchId,
    readRev: number,
    delivery: DeliveryRecord,
    dueAtMs: number,
  ): Promise<'written' | 'conflict'>;
  /** Batches of one hour bucket (epoch ms / 3,600,000), newest first, created before `beforeMs`. */
  listByTime(hour: number, beforeMs: number, limit: number): Promise<IndexPage>;
  /**
   * Unfinished batches, longest untouched first.
   * @param onThrottled told where a part of the index is too busy to answer; without it the whole listing fails instead
   */
  listOpen(limit: number, onThrottled?: () => void): Promise<IndexPage>;
  /** Batches that hold a failed task, newest first, failed before `beforeMs`. */
  listAttention(beforeMs: number, limit: number): Promise<IndexPage>;
}

export interface IdempotencyRecord {
  readonly key: string;
  /** Of the text(s) and `deadlineMs`; another hash under the same key is a conflict. */
  readonly requestHash: string;
  readonly taskIds: readonly TaskId[];
  readonly expiresAtMs: number;
}

export interface KeyStore {
  /** Consistent; an expired record reads as none. */
  read(key: string): Promise<IdempotencyRecord | undefined>;
  /** Up to 100 at once, consistent; those that do not exist or are expired are left out. */
  readMany(keys: readonly string[]): Promise<readonly IdempotencyRecord[]>;
  /** Creates the record, or gives the unexpired one that is there. */
  create(record: IdempotencyRecord): Promise<IdempotencyRecord | 'created'>;
}

export interface WorkerStore {
  put(worker: WorkerRecord): Promise<void>;
  list(): Promise<readonly WorkerRecord[]>;
}

export interface StatsStore {
  put(row: StatsRow): Promise<void>;
  /** All coordinators' rows of the seconds in [fromMs, toMs). */
  range(fromMs: number, toMs: number): Promise<readonly StatsRow[]>;
}

export interface WorkerAddress {
  readonly id: string;
  /** Base URL, such as http://127.0.0.1:9001 */
  readonly address: string;
}

export interface Exchange {
  /** Ends the exchange; until then an answer is waited for. */
  readonly signal: AbortSignal;
  /**
   * Called when the worker announces a fault that it is about to inject, even where no answer follows; once for each
   * where an invoke meets several, that which the history shows first.
   */
  readonly onFault: (fault: string) => void;
  readonly traceparent?: string | undefined;
}

export interface FunctionClient {
  /**
   * Waits for the answer as long as the exchange's signal lets it.
   * @throws WorkerUnreachableError where no connection came about, InvokeFailedError for all else.
   */
  invoke(worker: WorkerAddress, request: InvokeRequest, exchange: Exchange): Promise<InvokeResponse>;
  /** Whether `GET /healthz` answered 200 within `timeoutMs`. */
  isHealthy(worker: WorkerAddress, timeoutMs: number): Promise<boolean>;
}
