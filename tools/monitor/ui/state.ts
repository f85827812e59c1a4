/** The state of the user interface, without any data of the system. */
import type { Snapshot } from '../snapshot/snapshot.js';

export const PANES = ['workers', 'queue', 'flow', 'tasks', 'events'] as const;
export type PaneName = (typeof PANES)[number];

/** Panes with rows that one can go through. */
export const LISTS = ['workers', 'tasks', 'events'] as const;
export type ListName = (typeof LISTS)[number];

export function isList(pane: PaneName): pane is ListName {
  return pane !== 'queue' && pane !== 'flow';
}

export type WorkerAction = 'kill' | 'pause' | 'resume';

export type Mode =
  | { readonly kind: 'browse' }
  | { readonly kind: 'filter'; readonly list: ListName; readonly before: string }
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'confirm'; readonly action: WorkerAction; readonly workerId: string }
  | { readonly kind: 'detail'; readonly list: ListName; readonly key: string; readonly scroll: number };

export interface Message {
  readonly text: string;
  readonly style: 'good' | 'warn' | 'bad';
  readonly untilMs: number;
}

export interface UiState {
  readonly pane: PaneName;
  /** By key of the row; absent where the first row is chosen, whichever that is by then. */
  readonly chosen: Readonly<Partial<Record<ListName, string>>>;
  readonly filters: Readonly<Record<ListName, string>>;
  readonly mode: Mode;
  /** The pane in focus has the whole screen. */
  readonly isZoomed: boolean;
  /** The content that is shown until it is unfrozen. */
  readonly frozen?: { readonly snapshot: Snapshot; readonly atMs: number };
  readonly message?: Message;
}

export const INITIAL_STATE: UiState = {
  pane: 'workers',
  chosen: {},
  filters: { workers: '', tasks: '', events: '' },
  mode: { kind: 'browse' },
  isZoomed: false,
};
