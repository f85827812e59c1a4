/** Periods without data: from the last statistics before a gap until a coordinator started. */
import type { History } from './history.js';
import type { StatePeriod } from './worker-state-history.js';

export interface UnknownPeriod {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** An immediate restart by the supervisor leaves no unknown period. */
const MIN_SECONDS = 3;

export function unknownPeriods(
  history: Pick<History, 'events' | 'times' | 'get' | 'wasReceivedLive'>,
): UnknownPeriod[] {
  const times = history.times(HISTORY_SECONDS);
  return history
    .events(HISTORY_SECONDS)
    .filter(({ name }) => name === 'coordinator.started')
    .flatMap(({ atMs, fields }) => {
      const lastKnown = times.findLast((second) => (second + 1) * 1000 <= atMs && hasData(history, second));
      const heartbeatMs = atMs - Number(fields['heartbeatAgeMs'] ?? Infinity); // coordinators write heartbeats, even while idle
      const fromMs = Math.max(lastKnown === undefined ? 0 : (lastKnown + 1) * 1000, heartbeatMs);
      return atMs - fromMs < MIN_SECONDS * 1000 ? [] : [{ fromMs, untilMs: atMs }];
    });
}

/** Cuts the unknown periods out of a period. */
export function knownParts(period: StatePeriod, unknown: readonly UnknownPeriod[]): StatePeriod[] {
  return unknown.reduce<StatePeriod[]>(
    (parts, { fromMs, untilMs }) =>
      parts.flatMap((part) =>
        [
          { ...part, untilMs: Math.min(part.untilMs, fromMs) },
          { ...part, atMs: Math.max(part.atMs, untilMs) },
        ].filter((rest) => rest.untilMs > rest.atMs),
      ),
    [period],
  );
}

const HISTORY_SECONDS = 600;

function hasData(history: Pick<History, 'get' | 'wasReceivedLive'>, second: number): boolean {
  return (history.get(second)?.coordinators.length ?? 0) > 0 || history.wasReceivedLive(second);
}
