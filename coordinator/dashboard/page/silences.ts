/** Times of which nobody knows anything: from the last that was heard until a coordinator started. */
import type { History } from './history.js';
import type { Stretch } from './worker-past.js';

export interface Silence {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A restart that the supervisor made at once is none. */
const SHORTEST_SECONDS = 3;

export function silences(history: Pick<History, 'events' | 'times' | 'get' | 'wasThere'>): Silence[] {
  const times = history.times(KNOWN_SECONDS);
  return history
    .events(KNOWN_SECONDS)
    .filter(({ name }) => name === 'coordinator.started')
    .flatMap(({ atMs, fields }) => {
      const heard = times.findLast((second) => (second + 1) * 1000 <= atMs && isHeard(history, second));
      const beatMs = atMs - Number(fields['heartbeatAgeMs'] ?? Infinity); // of which a coordinator wrote, idle or not
      const fromMs = Math.max(heard === undefined ? 0 : (heard + 1) * 1000, beatMs);
      return atMs - fromMs < SHORTEST_SECONDS * 1000 ? [] : [{ fromMs, untilMs: atMs }];
    });
}

/** What is left of a stretch when what is not known of it is taken away. */
export function knownParts(stretch: Stretch, unknown: readonly Silence[]): Stretch[] {
  return unknown.reduce<Stretch[]>(
    (parts, { fromMs, untilMs }) =>
      parts.flatMap((part) =>
        [
          { ...part, untilMs: Math.min(part.untilMs, fromMs) },
          { ...part, atMs: Math.max(part.atMs, untilMs) },
        ].filter((rest) => rest.untilMs > rest.atMs),
      ),
    [stretch],
  );
}

const KNOWN_SECONDS = 600;

function isHeard(history: Pick<History, 'get' | 'wasThere'>, second: number): boolean {
  return (history.get(second)?.coordinators.length ?? 0) > 0 || history.wasThere(second);
}
