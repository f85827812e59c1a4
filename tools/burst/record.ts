/** The record of one request. Times are milliseconds since the start of the load. */
import type { SeenTask } from '../kit/load/infer.js';
import type { Outcome } from './outcome.js';

export interface SampleText {
  readonly text: string;
  /** The label that it should get, where anybody knows. */
  readonly expected?: string | undefined;
}

export interface PlannedRequest {
  readonly index: number;
  readonly texts: readonly SampleText[];
  /** Nothing in a closed loop without a rate: due whenever a client is free. */
  readonly atMs?: number | undefined;
}

export interface TaskRecord extends SeenTask {
  readonly outcome: Outcome;
}

export interface RequestRecord {
  readonly index: number;
  readonly requestId: string;
  readonly texts: readonly SampleText[];
  readonly plannedAtMs: number;
  sentAtMs?: number;
  /** When its client held the ids of its tasks. */
  acceptedAtMs?: number;
  endedAtMs?: number;
  outcome?: Outcome;
  tasks: readonly TaskRecord[];
  /** In words, where something was wrong. */
  problem?: string;
}

export type EndedRecord = RequestRecord & { readonly outcome: Outcome; readonly endedAtMs: number };

export function hasEnded(record: RequestRecord): record is EndedRecord {
  return record.outcome !== undefined && record.endedAtMs !== undefined;
}

/** From the planned time: what a person who came then has waited. */
export function correctedMs({ plannedAtMs, endedAtMs }: EndedRecord): number {
  return Math.max(0, endedAtMs - plannedAtMs);
}

/** From when it was really sent: blind to what held up the sender. */
export function rawMs({ plannedAtMs, sentAtMs = plannedAtMs, endedAtMs }: EndedRecord): number {
  return Math.max(0, endedAtMs - sentAtMs);
}

/** Deliveries beyond the first; the most of its tasks. */
export function retriesOf({ tasks }: RequestRecord): number {
  return Math.max(0, ...tasks.map(({ deliveries = 1 }) => deliveries - 1));
}

export function workersOf({ tasks }: RequestRecord): readonly string[] {
  return [...new Set(tasks.flatMap(({ workerId }) => workerId ?? []))].toSorted();
}
