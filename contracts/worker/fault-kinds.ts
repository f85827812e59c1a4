/**
 * The kinds of faults that a worker injects, in the order in which lists name them. A new kind is an entry here and a case
 * in `functions/runtime/http/inject-fault.ts`.
 */
interface FaultKindEntry {
  /** Says what invokes do that meet it by chance: `5 % of invokes answer an error`. Absent if chance does not draw it. */
  readonly byChance?: string;
  /** Says what a text does that holds the plan's word: `crashes its worker`. Absent if no word stands for it. */
  readonly byWord?: string;
  /** The errors that an invoke with this fault can end in; empty if it fails tasks alone. */
  readonly endsIn: readonly string[];
}

export const FAULT_KINDS = {
  error: { byChance: 'answer an error', endsIn: ['http_500'] },
  crash: { byChance: 'crash their worker', endsIn: ['connection_lost'] },
  hang: { byChance: 'never answer', endsIn: ['invoke_timeout'] },
  delay: { endsIn: ['invoke_timeout'] },
  drop: { byChance: 'drop the connection', endsIn: ['connection_lost'] },
  partial: { byChance: 'fail some of their tasks', endsIn: [] },
  garbage: { byChance: 'answer nonsense', endsIn: ['broken_answer'] },
  late: { byChance: 'answer too late', endsIn: ['invoke_timeout'] },
  poison: { byWord: 'crashes its worker', endsIn: ['connection_lost'] },
  loop: {
    byChance: 'keep the function in an endless loop',
    byWord: 'keeps its function in an endless loop',
    endsIn: ['invoke_timeout', 'connection_lost'],
  },
  oom: {
    byChance: 'take all memory that the function gets',
    byWord: 'takes all memory that its function gets',
    endsIn: ['invoke_timeout', 'connection_lost'],
  },
} as const satisfies Readonly<Record<string, FaultKindEntry>>;

type Kinds = typeof FAULT_KINDS;
type KindWith<Field extends string> = {
  [Kind in keyof Kinds]: Kinds[Kind] extends Readonly<Record<Field, unknown>> ? Kind : never;
}[keyof Kinds];

export type FaultKind = keyof Kinds;
/** Drawn by chance for each invoke, which meets at most one of them. */
export type ChanceKind = KindWith<'byChance'>;
/** Met by every invoke with a text that holds a word. */
export type WordKind = KindWith<'byWord'>;

const kindsWith = (field: 'byChance' | 'byWord'): readonly FaultKind[] =>
  ALL_KINDS.filter((kind) => field in FAULT_KINDS[kind]);

export const ALL_KINDS = Object.keys(FAULT_KINDS) as readonly FaultKind[];
export const CHANCE_KINDS = kindsWith('byChance') as readonly ChanceKind[];
export const WORD_KINDS = kindsWith('byWord') as readonly WordKind[];
