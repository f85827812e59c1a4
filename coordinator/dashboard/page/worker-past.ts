/** Which state each worker was in, and when: from what is seen now, and from the events of what passed before. */
import type { WorkerView } from '../../../contracts/worker/worker-view.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import { lookOf, type WorkerLook } from './worker-look.js';

interface Change {
  readonly atMs: number;
  readonly look: WorkerLook;
  readonly inFlight: number;
}

export interface Stretch extends Change {
  readonly untilMs: number;
}

export class WorkerPast {
  readonly #changes = new Map<string, Change[]>();
  /** When the page began to see each worker for itself. */
  readonly #seenFrom = new Map<string, number>();
  readonly #told = new Set<string>();

  get ids(): string[] {
    return [...this.#changes.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  see(workers: readonly WorkerView[], atMs: number): void {
    for (const worker of workers) {
      const changes = this.#of(worker.id);
      if (!this.#seenFrom.has(worker.id)) {
        this.#seenFrom.set(worker.id, atMs);
        const startedAtMs = Date.parse(worker.startedAt);
        const heardMs = changes.at(-1)?.atMs ?? -Infinity;
        if (startedAtMs > heardMs && startedAtMs < atMs) {
          changes.push({ atMs: startedAtMs, look: 'up', inFlight: 0 });
        }
      }
      const last = changes.at(-1);
      const look = lookOf(worker);
      if (last?.look === look && last.inFlight > 0 === worker.inFlight > 0) continue;
      changes.push({ atMs, look, inFlight: worker.inFlight });
    }
    const present = new Set(workers.map(({ id }) => id));
    for (const id of this.#changes.keys()) if (!present.has(id)) this.#forget(id);
  }

  /** Of a time before the page was there: what is seen for oneself is known better. */
  hear({ name, atMs, fields }: StatsEvent): void {
    const isStart = name === 'worker.registered';
    const id = String(fields['workerId'] ?? '');
    if ((name !== 'worker.state' && !isStart) || this.#told.has(`${id} ${name} ${atMs}`)) return;
    this.#told.add(`${id} ${name} ${atMs}`);
    if (atMs >= (this.#seenFrom.get(id) ?? Infinity)) return;
    const changes = this.#of(id);
    const isOldest = atMs < (changes[0]?.atMs ?? Infinity);
    if (isOldest && !isStart) {
      // Nothing older is known: it was then what it had been before.
      changes.unshift({ atMs: 0, look: String(fields['before']) as WorkerLook, inFlight: 0 });
    }
    changes.push({ atMs, look: isStart ? 'up' : (String(fields['state']) as WorkerLook), inFlight: 0 });
    changes.sort((a, b) => a.atMs - b.atMs);
  }

  stretches(id: string, fromMs: number, untilMs: number): Stretch[] {
    const changes = this.#changes.get(id) ?? [];
    return changes.flatMap((change, index) => {
      const end = Math.min(changes[index + 1]?.atMs ?? untilMs, untilMs);
      const start = Math.max(change.atMs, fromMs);
      return end > start ? [{ ...change, atMs: start, untilMs: end }] : [];
    });
  }

  /** What is known of later times is from before a step of the coordinator's clock. */
  forgetAfter(atMs: number): void {
    for (const changes of this.#changes.values()) {
      while (changes.length > 1 && (changes.at(-1)?.atMs ?? 0) > atMs) changes.pop();
      const only = changes[0];
      if (only !== undefined && only.atMs > atMs) changes[0] = { ...only, atMs };
    }
  }

  forgetBefore(atMs: number): void {
    for (const changes of this.#changes.values()) {
      while ((changes[1]?.atMs ?? Infinity) < atMs) changes.shift();
    }
  }

  #forget(id: string): void {
    this.#changes.delete(id);
    this.#seenFrom.delete(id);
  }

  #of(id: string): Change[] {
    const changes = this.#changes.get(id) ?? [];
    this.#changes.set(id, changes);
    return changes;
  }
}
