/**
 * How soon a fault was over for clients.
 *
 * Throughput is *back* at a moment when, in the second that follows it, at least 75 % of what was planned for that
 * second was answered well; else it is *down*. A fault owns what is down from its beginning until a second before the
 * next fault, though at most until five seconds after its effect is over. Its recovery is the time from its beginning
 * to the next moment after all that when throughput is back: 0 where it was never down, none where it was not back
 * when the load ended.
 *
 * Beside it: when the last task that was under way at the fault (taken in, not final) was final. Clients see this one
 * even where throughput was never down.
 */
import { countBetween } from './tally.js';
import { isHarmful, type Mark } from '../timeline/timeline.js';

export interface Recovery {
  readonly text: string;
  readonly targets: readonly string[];
  readonly atMs: number;
  /** Nothing: not back before the load ended. */
  readonly throughputMs: number | undefined;
  /** Tasks that were under way. */
  readonly underWay: number;
  /** From the fault until the last of them was final; nothing where one never was. */
  readonly underWayMs: number | undefined;
}

export interface TaskSpan {
  readonly acceptedAtMs: number;
  readonly finalAtMs: number | undefined;
}

interface Throughput {
  /** Both ascending. */
  readonly plannedAtMs: readonly number[];
  readonly okAtMs: readonly number[];
  readonly loadMs: number;
}

export interface RecoveryInput extends Throughput {
  readonly marks: readonly Mark[];
  readonly tasks: readonly TaskSpan[];
}

export const SUFFICIENT_SHARE = 0.75;
const WINDOW_MS = 1000;
const STEP_MS = 50;
const MAX_DIP_DELAY_MS = 5000;
/** While a second holds so few requests that chance decides, nothing can be said: it is not called down. */
const MIN_PLANNED = 5;

export function recoveries(input: RecoveryInput): readonly Recovery[] {
  const faults = input.marks
    .filter(({ action, problem, atMs }) => isHarmful(action) && problem === undefined && atMs < input.loadMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  return faults.map((mark, index) => {
    const { text, targets, atMs } = mark;
    const nextAtMs = faults[index + 1]?.atMs ?? Infinity;
    const untilMs = Math.min(nextAtMs - WINDOW_MS, (mark.overAtMs ?? input.loadMs) + MAX_DIP_DELAY_MS);
    const backAtMs = backAgain(input, atMs, untilMs);
    const throughputMs = backAtMs === undefined ? undefined : backAtMs - atMs;
    return { text, targets, atMs, throughputMs, ...underWayAt(atMs, input.tasks) };
  });
}

/** The first moment at which throughput is back after the last at which it is down, of those that the fault owns. */
function backAgain(throughput: Throughput, fromMs: number, untilMs: number): number | undefined {
  const lastMs = throughput.loadMs - WINDOW_MS;
  let backAtMs: number | undefined = fromMs;
  for (let atMs = fromMs; atMs <= lastMs; atMs += STEP_MS) {
    if (isDown(throughput, atMs)) backAtMs = undefined;
    else backAtMs ??= atMs;
    if (backAtMs !== undefined && atMs >= untilMs) break;
  }
  return backAtMs;
}

export function isDown({ plannedAtMs, okAtMs }: Throughput, atMs: number): boolean {
  const planned = countBetween(plannedAtMs, atMs, atMs + WINDOW_MS);
  if (planned < MIN_PLANNED) return false;
  return countBetween(okAtMs, atMs, atMs + WINDOW_MS) < SUFFICIENT_SHARE * planned;
}

function underWayAt(atMs: number, tasks: readonly TaskSpan[]) {
  const underWay = tasks.filter(
    ({ acceptedAtMs, finalAtMs = Infinity }) => acceptedAtMs <= atMs && finalAtMs > atMs,
  );
  const lastMs = Math.max(atMs, ...underWay.map(({ finalAtMs = Infinity }) => finalAtMs));
  return { underWay: underWay.length, underWayMs: Number.isFinite(lastMs) ? lastMs - atMs : undefined };
}
