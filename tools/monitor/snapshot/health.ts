/** Whether what is shown can be believed, in a word. */
import { NOTHING_THERE } from './problem.js';
import { describeAge } from '../../kit/numbers/figures.js';
import type { Snapshot, Source } from './snapshot.js';

/** The reasons are short enough to stand whole beside the word in 80 columns. */
export interface Health {
  readonly word: 'live' | 'STALE' | 'UNREACHABLE' | 'EMPTY' | 'connecting';
  readonly reason?: string;
}

/** Four refreshes that brought nothing. */
const STALE_AFTER_MS = 4000;
/** Workers beat once a second, and a coordinator writes that down. */
const SILENT_AFTER_MS = 4000;

export function ageOf({ readAtMs }: Source<unknown>, nowMs: number): number | undefined {
  return readAtMs === undefined ? undefined : Math.max(0, nowMs - readAtMs);
}

export function isStale(source: Source<unknown>, nowMs: number): boolean {
  return (ageOf(source, nowMs) ?? Infinity) > STALE_AFTER_MS;
}

export function healthOf(snapshot: Snapshot, nowMs: number): Health {
  const { workers, queue, stats, tasks } = snapshot;
  const sources = [workers, queue, stats, tasks];
  const problem = sources.find((source) => source.problem !== undefined)?.problem;
  const ages = sources.map((source) => ageOf(source, nowMs));
  if (ages.every((age) => age === undefined)) {
    if (problem === undefined) return { word: 'connecting' };
    return { word: problem === NOTHING_THERE ? 'EMPTY' : 'UNREACHABLE', reason: problem };
  }
  const oldest = Math.max(...ages.map((age) => age ?? Infinity));
  if (oldest > STALE_AFTER_MS) {
    const since = Number.isFinite(oldest) ? `${describeAge(oldest)} old; ` : '';
    return { word: 'STALE', reason: since + (problem ?? 'the stack does not answer') };
  }
  const silentMs = silenceOf(snapshot, nowMs);
  if (silentMs === undefined) return { word: 'live' };
  return { word: 'STALE', reason: `coordinator down, or no worker left, for ${describeAge(silentMs)}` };
}

/** How long nobody has written anything, where that is too long; a stack on which nothing ever ran is not stale. */
function silenceOf({ workers, lastRowAtMs }: Snapshot, nowMs: number): number | undefined {
  const readAgoMs = ageOf(workers, nowMs) ?? 0;
  const silences = workers.value.map(({ silentMs }) => silentMs + readAgoMs);
  if (lastRowAtMs !== undefined) silences.push(nowMs - lastRowAtMs);
  if (silences.length === 0) return undefined;
  const silentMs = Math.min(...silences);
  return silentMs > SILENT_AFTER_MS ? silentMs : undefined;
}
