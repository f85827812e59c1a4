/** What stands at the foot of the terminal while a load runs: a few lines, drawn again and again. */
import { TOLERABLE_LAG_MS } from './generator-lag.js';
import { isError, isGood, OUTCOME_NAMES, OUTCOMES } from './outcome.js';
import type { Paint } from './paint.js';
import { cut } from './request-line.js';
import type { Tally } from './tally.js';
import { bar, count, showMs, showSeconds } from './words.js';

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
  const last = tally.second(Math.max(0, Math.floor(nowMs / 1000) - 1));
  const { p50, p90, p99, max } = tally.corrected.figures();
  const lines = [
    progressLine(progress),
    `offered ${last.offered}/s   sent ${last.sent}/s   answered ${last.ended}/s   not sent ${last.dropped}/s`,
    `p50 ${showMs(p50)}   p90 ${showMs(p90)}   p99 ${showMs(p99)}   max ${showMs(max)}   (raw p99 ${showMs(tally.raw.percentile(99))})`,
  ].map((line) => cut(line, width));
  const counts = outcomeCounts(tally, paint, width);
  const lag =
    last.lateMs > TOLERABLE_LAG_MS
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

/** Where lines can only be added: one a second. */
export function secondLine({ tally, nowMs }: Pick<Progress, 'tally' | 'nowMs'>, second: number): string {
  const { offered, sent, ended, good, errors, dropped, p50Ms, p99Ms, lateMs } = tally.second(second);
  const open = count(tally.open, 'request');
  return (
    `${String(second + 1).padStart(4)} s  offered ${offered}  sent ${sent}  answered ${ended}  ok ${good}  errors ${errors}  ` +
    `not sent ${dropped}  p50 ${showMs(p50Ms)}  p99 ${showMs(p99Ms)}  ${nowMs > 0 ? `${open} open` : ''}` +
    (lateMs > TOLERABLE_LAG_MS ? `  ! sent up to ${showMs(lateMs)} late` : '')
  );
}
