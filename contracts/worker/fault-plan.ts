/** The faults that a worker injects, how often, and the plans that have a name. */
import type { ChanceKind, WordKind } from './fault-kinds.js';

export interface FaultPlan {
  /** Probability of each kind, 0 to 1; their sum is at most 1. A kind that never happens is absent. */
  readonly chances: Readonly<Partial<Record<ChanceKind, number>>>;
  /** Every invoke waits a time drawn from mean ± spread. */
  readonly delay?: Delay;
  /** When a `late` answer comes, counted from the invoke; absent: the visibility timeout plus a second. */
  readonly lateMs?: number;
  /** A text that holds this word crashes its worker, every time. */
  readonly poison?: string;
  /** A text that holds this word keeps the function in an endless loop, every time. */
  readonly loopWord?: string;
  /** A text that holds this word makes the function take all the memory that it gets, every time. */
  readonly oomWord?: string;
}

/** Where a plan holds the word of a kind: that of a kind which comes by chance as well has a name of its own. */
export function wordField(kind: WordKind): 'poison' | 'loopWord' | 'oomWord' {
  return WORD_FIELDS[kind];
}

const WORD_FIELDS = { poison: 'poison', loop: 'loopWord', oom: 'oomWord' } as const satisfies Record<
  WordKind,
  keyof FaultPlan
>;

export interface Delay {
  readonly meanMs: number;
  readonly spreadMs: number;
}

export const FAULT_PROFILES = {
  none: { chances: {} },
  demo: { chances: { error: 0.05, crash: 0.01, hang: 0.01 }, delay: { meanMs: 20, spreadMs: 20 } },
  storm: {
    chances: { error: 0.2, crash: 0.05, hang: 0.05, drop: 0.05, partial: 0.1 },
    delay: { meanMs: 100, spreadMs: 100 },
  },
} as const satisfies Record<string, FaultPlan>;

export type FaultProfile = keyof typeof FAULT_PROFILES;

export function isFaultProfile(name: string): name is FaultProfile {
  return Object.hasOwn(FAULT_PROFILES, name);
}
