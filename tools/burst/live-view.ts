/** Draws a running load: on a terminal a block that is drawn again, elsewhere only lines. */
import { liveBlock, secondHeading, secondLine, type Progress } from './live-block.js';
import type { Paint } from './paint.js';
import type { RequestRecord } from './record.js';
import { cut, requestHeading, requestLine } from './request-line.js';
import type { LoadListener } from './request-tracker.js';
import type { Tally } from './tally.js';

export interface Screen {
  readonly write: (text: string) => void;
  /** Lines can be taken back. */
  readonly isTerminal: boolean;
  readonly columns: () => number;
}

export interface ViewOptions {
  /** A line for each request; else one for each second. */
  readonly each: boolean;
  /** Nobody looks. */
  readonly quiet: boolean;
  readonly durationMs: number | undefined;
  readonly requests: number | undefined;
  readonly stop: AbortSignal;
  readonly paint: Paint;
}

const REDRAW_MS = 100;
/** A line that reaches the last column would take two rows on some terminals. */
const SPARE_COLUMN = 1;

export class LiveView implements LoadListener {
  readonly #screen: Screen;
  readonly #options: ViewOptions;
  #running: { readonly tally: Tally; readonly now: () => number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting: string[] = [];
  #drawnLines = 0;
  #shownSeconds = 0;

  constructor(screen: Screen, options: ViewOptions) {
    this.#screen = screen;
    this.#options = options;
  }

  readonly onStart = (tally: Tally, now: () => number): void => {
    if (this.#options.quiet) return;
    this.#running = { tally, now };
    const { each, paint } = this.#options;
    this.#waiting.push(each ? requestHeading(paint) : secondHeading(paint));
    this.#timer = setInterval(() => this.#refresh(), REDRAW_MS);
  };

  readonly onEnd = (record: RequestRecord): void => {
    if (!this.#options.each) return;
    this.#waiting.push(requestLine(record, this.#options.paint, this.#width()));
    if (!this.#screen.isTerminal) this.#refresh();
  };

  /** Leaves only what is to stay. */
  close(): void {
    clearInterval(this.#timer);
    this.#addLastSecond();
    this.#screen.write(this.#erased() + this.#takeWaiting());
  }

  #refresh(): void {
    const progress = this.#progress();
    if (progress === undefined) return;
    this.#addSeconds(progress);
    if (!this.#screen.isTerminal) {
      this.#screen.write(this.#takeWaiting());
      return;
    }
    const lines = liveBlock(progress, this.#options.paint, this.#width());
    this.#screen.write(`${this.#erased()}${this.#takeWaiting()}\n${lines.join('\n')}\n`);
    this.#drawnLines = lines.length + 1;
  }

  #addSeconds(progress: Progress): void {
    if (this.#options.each) return;
    for (; (this.#shownSeconds + 1) * 1000 <= progress.nowMs; this.#shownSeconds += 1) {
      this.#waiting.push(cut(secondLine(progress.tally, this.#shownSeconds), this.#width()));
    }
  }

  /** The one that was not over; all of it, where the load was short. */
  #addLastSecond(): void {
    const progress = this.#progress();
    if (progress === undefined || this.#options.each) return;
    this.#addSeconds(progress);
    const { sent, ended } = progress.tally.second(this.#shownSeconds);
    if (sent + ended === 0) return;
    this.#waiting.push(cut(secondLine(progress.tally, this.#shownSeconds), this.#width()));
  }

  #progress(): Progress | undefined {
    if (this.#running === undefined) return undefined;
    const { durationMs, requests, stop } = this.#options;
    const { tally, now } = this.#running;
    return { tally, nowMs: now(), durationMs, requests, stopping: stop.aborted };
  }

  #takeWaiting(): string {
    const lines = this.#waiting.map((line) => `${line}\n`).join('');
    this.#waiting = [];
    return lines;
  }

  /** Goes up over the block and clears from there. */
  #erased(): string {
    const codes = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A\u001b[J`;
    this.#drawnLines = 0;
    return codes;
  }

  #width(): number {
    return Math.max(40, this.#screen.columns() - SPARE_COLUMN);
  }
}
