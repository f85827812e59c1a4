/** One after the other, in the order in which they asked. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `work` when all that asked before have ended; not at all once `signal` has fired. */
  async take(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const before = this.#last;
    const own = before.then(() => (signal.aborted ? undefined : work()));
    this.#last = own.catch(() => undefined);
    await own;
  }
}
