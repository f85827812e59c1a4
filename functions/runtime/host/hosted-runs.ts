/** The unanswered runs of the host, in order of arrival. */
import { invariant } from '../../../contracts/common/invariant.js';
import type { FunctionFault } from './function-messages.js';

export interface RunOptions {
  /** Called before the dispatch. Whether the caller has gone. */
  readonly isAbandoned?: (() => boolean) | undefined;
  /** Replaces the run. */
  readonly fault?: FunctionFault | undefined;
}

export interface HostedRun {
  readonly id: number;
  readonly inputs: readonly string[];
  readonly options: RunOptions;
  /** How long the function has had the run, without the time in which another run is known to block it. */
  heldMs: number;
}

interface Entry extends HostedRun {
  isDispatched: boolean;
  /** A function that ended had this run, which may be the cause. */
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

  /** Takes the runs that may be dispatched now, and marks them as dispatched. */
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

  /** Called when the function has ended. Its runs are run again, each alone, and their time starts anew. */
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
