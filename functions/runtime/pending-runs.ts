import type { FunctionRun } from './function-module.js';

interface Waiter {
  resolve(run: FunctionRun): void;
  reject(error: Error): void;
}

/** The runs that the model thread has been given and has not answered. */
export class PendingRuns {
  readonly #waiters = new Map<number, Waiter>();
  #lastId = 0;
  #whenNone: (() => void)[] = [];

  start(send: (id: number) => void): Promise<FunctionRun> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      send(id);
    });
  }

  resolve(id: number, run: FunctionRun): void {
    this.#take(id)?.resolve(run);
  }

  reject(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(error: Error): void {
    for (const id of [...this.#waiters.keys()]) this.reject(id, error);
  }

  untilNone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiters.size === 0) resolve();
      else this.#whenNone.push(resolve);
    });
  }

  #take(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (this.#waiters.size === 0) this.#whenNone.splice(0).forEach((call) => call());
    return waiter;
  }
}
