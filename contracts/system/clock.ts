/**
 * The composition roots pass in what the parts need of the machine, so that the whole coordinator also runs in a
 * simulation with virtual time.
 */
export interface Clock {
  /** Wall clock, epoch milliseconds with fractions; may step. */
  now(): number;
  /** Milliseconds that never step, from an arbitrary origin: for durations and leases. */
  monotonic(): number;
  /** Calls once after `delayMs`; returns the way to cancel. */
  timer(delayMs: number, call: () => void): () => void;
}
