/** The events that a run emits. */
import type { WorkerSnapshot } from './steady-state.js';
import type { Second } from '../evidence/tally.js';
import type { Mark } from '../timeline/timeline.js';

export type Phase = 'steady' | 'model' | 'load' | 'heal' | 'drain' | 'check';

export interface LiveSecond extends Second {
  readonly phase: Phase;
  /** Requests that have not come to their end. */
  readonly open: number;
  /** Nothing where nobody can tell. */
  readonly workers: readonly WorkerSnapshot[] | undefined;
  /** The actions whose effect lasts. */
  readonly active: readonly Mark[];
}

export type RunEvent =
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'second'; readonly second: LiveSecond }
  /** Told when it begins, and when it is done or over. */
  | { readonly kind: 'mark'; readonly mark: Mark; readonly atMs: number }
  | { readonly kind: 'healed'; readonly what: readonly string[] };

export type OnRunEvent = (event: RunEvent) => void;
