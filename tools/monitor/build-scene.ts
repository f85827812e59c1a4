/** Builds the content of the panes from the snapshot and the state of the keys. */
import type { Snapshot } from './snapshot/snapshot.js';
import type { UiState } from './ui/state.js';
import { flowOf } from './view/flow.js';
import { rowsOf } from './view/rows.js';
import type { Scene } from './view/scene.js';

/** As far back as the widest line of small bars goes. */
const SERIES_SECONDS = 60;

export type SceneSettings = Pick<Scene, 'glyphs' | 'endpoint' | 'isReadOnly' | 'workerSlots'>;

/** A frozen scene stands still in every figure. */
export function buildScene(
  settings: SceneSettings,
  current: Snapshot,
  ui: UiState,
  currentMs: number,
): Scene {
  const snapshot = ui.frozen?.snapshot ?? current;
  const nowMs = ui.frozen?.atMs ?? currentMs;
  return {
    ...settings,
    snapshot,
    ui,
    nowMs,
    clockMs: currentMs,
    rows: rowsOf(snapshot, ui),
    flow: flowOf(snapshot.stats.value, nowMs, SERIES_SECONDS),
  };
}
