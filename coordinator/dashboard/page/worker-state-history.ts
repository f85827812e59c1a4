/** The states of each worker over time: from snapshots while the page is open, and from events for the time before. */
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import { displayStateOf, type WorkerDisplayState } from './worker-display-state.js';

interface StateChange {
  readonly atMs: number;
  readonly state: WorkerDisplayState;
  readonly inFlight: number;
}

export interface StatePeriod extends StateChange {
  readonly untilMs: number;
}

export class WorkerStateHistory {
  readonly #changes = new Map<string, StateChange[]>();
  /** When the page received the first snapshot of each worker. */
  readonly #observedFrom = new Map<string, number>();
  readonly #seenEvents = new Set<string>();

  get ids(): string[] {
    return [...this.#changes.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  recordWorkers(workers: readonly WorkerView[], atMs: number): void {
    for (const worker of workers) {
      const changes = this.#changesOf(worker.id);
      if (!this.#observedFrom.has(worker.id)) {
        this.#observedFrom.set(worker.id, atMs);
        const startedAtMs = Date.parse(worker.startedAt);
        const lastKnownMs = changes.at(-1)?.atMs ?? -Infinity;
        if (startedAtMs > lastKnownMs && startedAtMs < atMs) {
          changes.push({ atMs: startedAtMs, state: 'up', inFlight: 0 });
        }
      }
      const last = changes.at(-1);
      const state = displayStateOf(worker);
      if (last?.state === state && last.inFlight > 0 === worker.inFlight > 0) continue;
      changes.push({ atMs, state, inFlight: worker.inFlight });
    }
    const present = new Set(workers.map(({ id }) => id));
    for (const id of this.#changes.keys()) if (!present.has(id)) this.#forget(id);
  }

  /** Events matter for the time before the first snapshot only: snapshots are more precise. */
  recordEvent({ name, atMs, fields }: StatsEvent): void {
    const isStart = name === 'worker.registered';
    const id = String(fields['workerId'] ?? '');
    if ((name !== 'worker.state' && !isStart) || this.#seenEvents.has(`${id} ${name} ${atMs}`)) return;
    this.#seenEvents.add(`${id} ${name} ${atMs}`);
    if (atMs >= (this.#observedFrom.get(id) ?? Infinity)) return;
    const changes = this.#changesOf(id);
    const isOldest = atMs < (changes[0]?.atMs ?? Infinity);
    if (isOldest && !isStart) {
      // Nothing older is known, so the worker had this event's previous state before.
      changes.unshift({ atMs: 0, state: String(fields['before']) as WorkerDisplayState, inFlight: 0 });
    }
    changes.push({
      atMs,
      state: isStart ? 'up' : (String(fields['state']) as WorkerDisplayState),
      inFlight: 0,
    });
    changes.sort((a, b) => a.atMs - b.atMs);
  }

  periods(id: string, fromMs: number, untilMs: number): StatePeriod[] {
    const changes = this.#changes.get(id) ?? [];
    return changes.flatMap((change, index) => {
      const end = Math.min(changes[index + 1]?.atMs ?? untilMs, untilMs);
      const start = Math.max(change.atMs, fromMs);
      return end > start ? [{ ...change, atMs: start, untilMs: end }] : [];
    });
  }

  /** Forgets later states after the coordinator's clock stepped back. */
  forgetAfter(atMs: number): void {
    for (const changes of this.#changes.values()) {
      while (changes.length > 1 && (changes.at(-1)?.atMs ?? 0) > atMs) changes.pop();
      const first = changes[0];
      if (first !== undefined && first.atMs > atMs) changes[0] = { ...first, atMs };
    }
  }

  forgetBefore(atMs: number): void {
    for (const changes of this.#changes.values()) {
      while ((changes[1]?.atMs ?? Infinity) < atMs) changes.shift();
    }
  }

  #forget(id: string): void {
    this.#changes.delete(id);
    this.#observedFrom.delete(id);
  }

  #changesOf(id: string): StateChange[] {
    const changes = this.#changes.get(id) ?? [];
    this.#changes.set(id, changes);
    return changes;
  }
}
