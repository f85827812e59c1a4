/**
 * How far a client of `GET /events` has come. Its text is the event's id: the latest second that was sent, and how many
 * rows each of the last seconds had then. So a row that was written late is made up for, also by another coordinator
 * after this one's death, and nothing is sent twice.
 */
import { MAX_REPLAY_SECONDS } from '../../contracts/http/live.js';

export interface SentSecond {
  readonly second: number;
  readonly id: string;
}

/** A row is written within its second; a slow table may take some more. */
export const LATE_SECONDS = 8;
/** A cursor may be ahead by this much, and wait: it may come from a coordinator whose clock is a little ahead. */
const AHEAD_SECONDS = 3;
const MAX_ROWS = 35; // one digit of base 36

const ID = new RegExp(`^(\\d{9,11})-([0-9a-z]{${LATE_SECONDS}})$`);

export class StatsCursor {
  #latest: number;
  /** Rows that were sent of `#latest`, of the second before it, and so on. */
  #rows: number[];

  private constructor(latest: number, rows: number[]) {
    this.#latest = latest;
    this.#rows = rows;
  }

  /** One that has seen everything before `second`, whatever turns up of it later. */
  static before(second: number): StatsCursor {
    return new StatsCursor(second - 1, Array<number>(LATE_SECONDS).fill(MAX_ROWS));
  }

  /** `undefined` where the text is no id that was given out, or one from the future. */
  static parse(id: string, nowSecond: number): StatsCursor | undefined {
    const [, latest, rows] = ID.exec(id) ?? [];
    if (latest === undefined || rows === undefined || Number(latest) > nowSecond + LATE_SECONDS)
      return undefined;
    return new StatsCursor(
      Number(latest),
      Array.from(rows, (digit) => Number.parseInt(digit, 36)),
    );
  }

  get latest(): number {
    return this.#latest;
  }

  get id(): string {
    return `${this.#latest}-${this.#rows.map((count) => count.toString(36)).join('')}`;
  }

  /** Moves on to `upTo`; gives what is to be sent on the way, seconds with late rows first. */
  *advance(upTo: number, rowsIn: (second: number) => number): Generator<SentSecond> {
    if (upTo < this.#latest - AHEAD_SECONDS || upTo > this.#latest + MAX_REPLAY_SECONDS) this.#leapTo(upTo);
    for (let age = LATE_SECONDS - 1; age >= 0; age -= 1) {
      const second = this.#latest - age;
      const rows = Math.min(rowsIn(second), MAX_ROWS);
      if (rows <= (this.#rows[age] ?? MAX_ROWS)) continue;
      this.#rows[age] = rows;
      yield { second, id: this.id };
    }
    while (this.#latest < upTo) {
      this.#latest += 1;
      this.#rows = [Math.min(rowsIn(this.#latest), MAX_ROWS), ...this.#rows.slice(0, -1)];
      yield { second: this.#latest, id: this.id };
    }
  }

  /** The clock stepped: what lies between is no past, and what was sent of the future is to come. */
  #leapTo(second: number): void {
    this.#latest = second - 1;
    this.#rows = Array<number>(LATE_SECONDS).fill(MAX_ROWS);
  }
}
