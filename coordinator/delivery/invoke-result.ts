/** The result of an invoke when it has ended one way or the other. */
import type { EndedInvoke } from '../../contracts/batch/batch.js';
import type { UncommittedOutcome } from '../batch/commit-delivery.js';

export interface InvokeResult {
  readonly record: EndedInvoke;
  readonly outcome: Omit<UncommittedOutcome, 'index'>;
}

/** Its time was up and the call stays open: `late` resolves when that has ended, with what came of it after all. */
export interface TimedOutInvoke extends InvokeResult {
  readonly late: Promise<InvokeResult | undefined>;
}
