/** Calls to SQS and DynamoDB, as the adapter tells them: how long each took, by operation, and why some failed. */
import type { StackCallObserver } from '../../contracts/stack/stack-calls.js';
import type { StackCall, StackRefusal } from '../../contracts/errors/stack-refusal.js';
import { BucketCounts } from './bucket-counts.js';
import { LabeledCounts } from './labeled-counts.js';
import { DURATION_BOUNDS_MS } from './measures.js';

export class SdkCalls implements StackCallObserver {
  readonly durationsMs = new Map<string, BucketCounts>();
  /** By operation and the error's name. */
  readonly errors = new LabeledCounts(2);
  /** Those that policies, keys or credentials do not allow, by service, action, resource and the error's name. */
  readonly denied = new LabeledCounts(4);

  called(
    operation: string,
    durationMs: number,
    error: string | undefined,
    _call?: StackCall,
    refusal?: StackRefusal,
  ): void {
    let durations = this.durationsMs.get(operation);
    if (durations === undefined) {
      durations = new BucketCounts(DURATION_BOUNDS_MS);
      this.durationsMs.set(operation, durations);
    }
    durations.observe(durationMs);
    if (error !== undefined) this.errors.add(1, operation, error);
    if (refusal !== undefined && refusal.kind !== 'resource_not_found')
      this.denied.add(1, refusal.service, refusal.action, refusal.resource, refusal.error);
  }
}
