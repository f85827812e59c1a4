/** The runs that the host was given and has not answered, in order of arrival. */
import type { ThreadFault } from './thread-messages.js';

export interface RunOptions {
  /** Asked before the run is given to the thread: nobody is left to take the answer. */
  readonly isAbandoned?: (() => boolean) | undefined;
  /** Settles when whoever asked has been told the answer. */
  readonly answered?: Promise<unknown> | undefined;
  /** Happens in the place of the run. */
  readonly fault?: ThreadFault | undefined;
}

export interface HostedRun {
  readonly id: number;
  readonly inputs: readonly string[];
  readonly options: RunOptions;
  /** How long the thread has had it, without the time for which another run is known to have blocked it. */
  heldMs: number;
}

interface Entry extends HostedRun {
  isInThread: boolean;
  /** It was in a thread that was ended, and may be the reason. */
  isSuspect: boolean;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class HostedRuns {
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;
  #whenNoneInThread: (() => void)[] = [];

  add(inputs: readonly string[], options: RunOptions): Promise<unknown> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      const state = { heldMs: 0, isInThread: false, isSuspect: false };
      this.#entries.set(id, { id, inputs, options, ...state, resolve, reject });
    });
  }

  inThread(): HostedRun[] {
    return [...this.#entries.values()].filter(({ isInThread }) => isInThread);
  }

  /** Those that the thread may be given now; they count as given. */
  takeReady(): readonly HostedRun[] {
    const taken: HostedRun[] = [];
    for (const entry of [...this.#entries.values()]) {
      if (entry.isInThread) {
        if (entry.isSuspect) break;
        continue;
      }
      if (entry.options.isAbandoned?.() === true) {
        this.resolve(entry.id, undefined);
        continue;
      }
      if (entry.isSuspect && this.inThread().length > 0) break;
      entry.isInThread = true;
      taken.push(entry);
      if (entry.isSuspect) break;
    }
    return taken;
  }

  /** The thread has ended: all that it had will be run again, each alone, its time beginning anew. */
  putBack(): void {
    for (const entry of this.#entries.values()) {
      if (!entry.isInThread) continue;
      Object.assign(entry, { isInThread: false, isSuspect: true, heldMs: 0 });
    }
    this.#tellIfNoneInThread();
  }

  resolve(id: number, answer: unknown): void {
    this.#remove(id)?.resolve(answer);
  }

  reject(id: number, error: Error): void {
    this.#remove(id)?.reject(error);
  }

  rejectAll(error: Error): void {
    for (const id of [...this.#entries.keys()]) this.reject(id, error);
  }

  untilNoneInThread(): Promise<true> {
    return new Promise((resolve) => {
      this.#whenNoneInThread.push(() => resolve(true));
      this.#tellIfNoneInThread();
    });
  }

  #remove(id: number): Entry | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    this.#tellIfNoneInThread();
    return entry;
  }

  #tellIfNoneInThread(): void {
    if (this.inThread().length === 0) this.#whenNoneInThread.splice(0).forEach((call) => call());
  }
}
