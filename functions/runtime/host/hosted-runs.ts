/** The runs that the host was given and has not answered, in order of arrival. */
import { invariant } from '../../../contracts/common/invariant.js';
import type { FunctionFault } from './function-messages.js';

export interface RunOptions {
  /** Asked before the run is given to the function: nobody is left to take the answer. */
  readonly isAbandoned?: (() => boolean) | undefined;
  /** Happens in the place of the run. */
  readonly fault?: FunctionFault | undefined;
}

export interface HostedRun {
  readonly id: number;
  readonly inputs: readonly string[];
  readonly options: RunOptions;
  /** How long the function has had it, without the time for which another run is known to have blocked it. */
  heldMs: number;
}

interface Entry extends HostedRun {
  isDispatched: boolean;
  /** A function that was ended had it, and may be the reason. */
  isSuspect: boolean;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class HostedRuns {
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;
  #idleListeners: (() => void)[] = [];

  add(inputs: readonly string[], options: RunOptions): Promise<unknown> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      const state = { heldMs: 0, isDispatched: false, isSuspect: false };
      this.#entries.set(id, { id, inputs, options, ...state, resolve, reject });
    });
  }

  dispatched(): HostedRun[] {
    return [...this.#entries.values()].filter(({ isDispatched }) => isDispatched);
  }

  /** Those that the function may be given now; they count as given. */
  takeReady(): readonly HostedRun[] {
    const taken: HostedRun[] = [];
    for (const entry of [...this.#entries.values()]) {
      if (entry.isDispatched) {
        if (entry.isSuspect) break;
        continue;
      }
      if (entry.options.isAbandoned?.() === true) {
        this.resolve(entry.id, undefined);
        continue;
      }
      if (entry.isSuspect && this.dispatched().length > 0) break;
      const beside = this.dispatched();
      invariant(
        beside.length === 0 || !entry.isSuspect,
        () => `run ${entry.id} has to be alone, and the function has ${beside.length} others`,
      );
      entry.isDispatched = true;
      taken.push(entry);
      if (entry.isSuspect) break;
    }
    return taken;
  }

  /** The function has ended: all that it had will be run again, each alone, its time beginning anew. */
  requeueDispatched(): void {
    for (const entry of this.#entries.values()) {
      if (!entry.isDispatched) continue;
      Object.assign(entry, { isDispatched: false, isSuspect: true, heldMs: 0 });
    }
    this.#notifyIfNoneDispatched();
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

  untilNoneDispatched(): Promise<true> {
    return new Promise((resolve) => {
      this.#idleListeners.push(() => resolve(true));
      this.#notifyIfNoneDispatched();
    });
  }

  #remove(id: number): Entry | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    this.#notifyIfNoneDispatched();
    return entry;
  }

  #notifyIfNoneDispatched(): void {
    if (this.dispatched().length === 0) this.#idleListeners.splice(0).forEach((call) => call());
  }
}
