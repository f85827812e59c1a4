/** The seconds of statistics that the page has received, and the values that charts draw of them. */
import type { LiveSecond } from '../../../contracts/http/live.js';
import type { StatsEvent } from '../../../contracts/stats/stats.js';

/** The coordinator replays the same number of seconds. */
const MAX_SECONDS = 600;
/** A second that is sent again because one of its rows was late is at most this old. */
const LATE_SECONDS = 8;
/** Rows may be missing for a second or two without a failure. */
const SHORT_GAP_SECONDS = 2;

export class History {
  readonly #seconds = new Map<number, LiveSecond>();
  readonly #live = new Set<number>();
  #latest = 0;

  /**
   * @param isLive whether the second has just passed: a coordinator was running then, even if it recorded nothing
   * @returns whether the coordinator's clock has stepped back
   */
  add(second: LiveSecond, isLive = false): boolean {
    const isSteppedBack = second.second < this.#latest - LATE_SECONDS;
    if (isSteppedBack) this.#stepBack(second.second);
    this.#seconds.set(second.second, second);
    if (isLive) this.#live.add(second.second);
    this.#latest = Math.max(this.#latest, second.second);
    for (const old of this.#seconds.keys()) {
      if (old > this.#latest - MAX_SECONDS) break;
      this.#seconds.delete(old);
      this.#live.delete(old);
    }
    return isSteppedBack;
  }

  /** Forgets the seconds after the step: they will come again. */
  #stepBack(second: number): void {
    for (const known of this.#seconds.keys()) {
      if (known <= second) continue;
      this.#seconds.delete(known);
      this.#live.delete(known);
    }
    this.#latest = second;
  }

  /** Epoch seconds; 0 before the first second was received. */
  get latest(): number {
    return this.#latest;
  }

  get(second: number): LiveSecond | undefined {
    return this.#seconds.get(second);
  }

  /** Whether the page received the second as soon as it had passed. */
  wasReceivedLive(second: number): boolean {
    return this.#live.has(second);
  }

  /** Returns the last `seconds` seconds, without the unknown ones. */
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
   * Returns one value for each second. A second without a row while tasks were outstanding is a gap (null), unless the gap
   * is so short that only the write was late.
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
