/** All that a pane is made of. */
import type { Snapshot } from '../snapshot/snapshot.js';
import type { UiState } from '../ui/state.js';
import type { Flow } from './flow.js';
import type { Glyphs } from './glyphs.js';
import type { Rows } from './rows.js';
import type { Line, Span } from '../../kit/terminal/styled.js';

export interface Scene {
  readonly snapshot: Snapshot;
  readonly rows: Rows;
  readonly flow: Flow;
  readonly ui: UiState;
  /** The time of the content: a frozen scene stands still. */
  readonly nowMs: number;
  /** The present time. */
  readonly clockMs: number;
  readonly glyphs: Glyphs;
  readonly endpoint: string;
  /** Workers cannot be killed, paused or resumed from here. */
  readonly isReadOnly: boolean;
  /** Invokes that a worker may hold at a time. */
  readonly workerSlots: number;
}

export interface PaneView {
  readonly title: string;
  readonly aside?: Span | undefined;
  readonly lines: readonly Line[];
}
