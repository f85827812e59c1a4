/** The lines at the bottom of the terminal, redrawn while a load runs. */
import { MAX_LAG_MS } from './generator-lag.js';
import { isError, isGood, OUTCOME_NAMES, OUTCOMES } from './outcome.js';
import type { Paint } from './paint.js';
import { cut } from './request-line.js';
import type { Tally } from './tally.js';
import { bar, showMs, showSeconds } from './format.js';

export interface Progress {
  readonly tally: Tally;
  readonly nowMs: number;
  /** Nothing where only a count ends it. */
  readonly durationMs: number | undefined;
  /** Nothing where only a time ends it. */
  readonly requests: number | undefined;
  readonly stopping: boolean;
}

const BAR_WIDTH = 30;

export function liveBlock(progress: Progress, paint: Paint, width: number): readonly string[] {
  const { tally, nowMs } = progress;
  const last = tally.second(Math.floor(nowMs / 1000) - 1);
  const { p50, p90, p99, max } = tally.corrected.figures();
  const lines = [
    progressLine(progress),
    nowMs < 1000
      ? 'rates come after the first second'
      : `offered ${last.offered}/s   sent ${last.sent}/s   answered ${last.ended}/s   dropped ${last.dropped}/s`,
    `p50 ${showMs(p50)}   p90 ${showMs(p90)}   p99 ${showMs(p99)}   max ${showMs(max)}   (raw p99 ${showMs(tally.raw.percentile(99))})`,
  ].map((line) => cut(line, width));
  const counts = outcomeCounts(tally, paint, width);
  const lag =
    last.lateMs > MAX_LAG_MS
      ? [paint.warn(cut(`! this generator sends up to ${showMs(last.lateMs)} late: believe it less`, width))]
      : [];
  return [...lines, counts, ...lag];
}

function progressLine({ tally, nowMs, durationMs, requests, stopping }: Progress): string {
  const byTime = durationMs === undefined ? 0 : nowMs / durationMs;
  const byCount = requests === undefined ? 0 : (tally.ended + tally.outcomes.dropped) / requests;
  const share = Math.min(1, durationMs === undefined ? byCount : byTime);
  const where =
    durationMs === undefined
      ? `${tally.ended} of ${requests ?? '?'}`
      : nowMs <= durationMs
        ? `${showSeconds(nowMs)} of ${showSeconds(durationMs)}`
        : `${showSeconds(nowMs)}, waiting for answers`;
  const filled = bar(share, BAR_WIDTH);
  return `${filled}${'░'.repeat(BAR_WIDTH - filled.length)}  ${stopping ? 'stopping' : where}   ${tally.open} open`;
}

/** Those that came up; the good ones always. */
function outcomeCounts({ outcomes }: Tally, paint: Paint, width: number): string {
  let used = 0;
  const shown = OUTCOME_NAMES.filter((name) => name === 'ok' || outcomes[name] > 0).flatMap((name) => {
    const text = `${outcomes[name]} ${OUTCOMES[name]}`;
    used += text.length + 3;
    if (used > width) return [];
    return isError(name) ? paint.bad(text) : isGood(name) && name !== 'ok' ? paint.warn(text) : text;
  });
  return shown.join('   ');
}

const SECOND_COLUMNS = ['s', 'offered', 'sent', 'answered', 'errors', 'p50', 'p99'];
const SECOND_WIDTHS = [4, 9, 6, 10, 8, 9, 9];

export function secondHeading(paint: Paint): string {
  return paint.dim(secondRow(SECOND_COLUMNS));
}

/** The line of one second, where requests have no lines of their own. */
export function secondLine(tally: Tally, second: number): string {
  const { offered, sent, ended, errors, dropped, p50Ms, p99Ms, lateMs } = tally.second(second);
  const rare = [
    ...(dropped > 0 ? [`  ${dropped} not sent`] : []),
    ...(lateMs > MAX_LAG_MS ? [`  ! sent ${showMs(lateMs)} late`] : []),
  ];
  const figures = [second + 1, offered, sent, ended, errors].map(String);
  return secondRow([...figures, showMs(p50Ms), showMs(p99Ms)]) + rare.join('');
}

function secondRow(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart(SECOND_WIDTHS[index] ?? 0)).join('');
}
