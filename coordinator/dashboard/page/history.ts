/** The seconds that the page knows, and what is drawn of them. */
import type { LiveSecond } from '../../../contracts/http/live.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';

/** As much as the coordinator replays. */
const KEPT_SECONDS = 600;
/** A second that comes again because a row of it was late is no older. */
const LATE_SECONDS = 8;
/** Rows may be missing for a second or two while everything is well. */
const SHORT_GAP_SECONDS = 2;

export class History {
  readonly #seconds = new Map<number, LiveSecond>();
  readonly #live = new Set<number>();
  #latest = 0;

  /**
   * @param isLive it has just passed: a coordinator was there to say so, even where nothing happened in it
   * @returns whether the coordinator's clock has stepped back
   */
  add(second: LiveSecond, isLive = false): boolean {
    const isSteppedBack = second.second < this.#latest - LATE_SECONDS;
    if (isSteppedBack) this.#stepBack(second.second);
    this.#seconds.set(second.second, second);
    if (isLive) this.#live.add(second.second);
    this.#latest = Math.max(this.#latest, second.second);
    for (const old of this.#seconds.keys()) {
      if (old > this.#latest - KEPT_SECONDS) break;
      this.#seconds.delete(old);
      this.#live.delete(old);
    }
    return isSteppedBack;
  }

  /** What is known of later seconds has yet to come. */
  #stepBack(second: number): void {
    for (const known of this.#seconds.keys()) {
      if (known <= second) continue;
      this.#seconds.delete(known);
      this.#live.delete(known);
    }
    this.#latest = second;
  }

  /** Epoch seconds; 0 before anything came. */
  get latest(): number {
    return this.#latest;
  }

  get(second: number): LiveSecond | undefined {
    return this.#seconds.get(second);
  }

  /** The page heard of that second when it was over. */
  wasThere(second: number): boolean {
    return this.#live.has(second);
  }

  /** The last `seconds` of them, without those that are not known. */
  recent(seconds: number): LiveSecond[] {
    return this.times(seconds).flatMap((time) => this.#seconds.get(time) ?? []);
  }

  times(seconds: number): number[] {
    return Array.from({ length: seconds }, (_, index) => this.#latest - seconds + 1 + index);
  }

  events(seconds: number): StatsEvent[] {
    return this.recent(seconds).flatMap(({ events }) => events);
  }

  /**
   * One value a second. Where no row was written although tasks were open, nobody knows: a gap, unless it is so short
   * that only the writing was late.
   */
  column(seconds: number, valueOf: (second: LiveSecond) => number | null): (number | null)[] {
    let known: LiveSecond | undefined;
    let missing = 0;
    return this.times(seconds).map((time) => {
      const second = this.#seconds.get(time);
      if (second === undefined) return null;
      const isUnknown = second.coordinators.length === 0 && (known?.outstandingTasks ?? 0) > 0;
      if (!isUnknown) {
        known = second;
        missing = 0;
        return valueOf(second);
      }
      missing += 1;
      return known !== undefined && missing <= SHORT_GAP_SECONDS ? valueOf(known) : null;
    });
  }
}
