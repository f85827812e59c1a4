/** Going through the rows of a list. */
import { isList, type ListName, type UiState } from './state.js';

export type ListMove = 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last';

export interface ListContext {
  readonly keys: (list: ListName) => readonly string[];
  readonly pageRows: number;
}

/** A selection of the first row stays on the first row when rows are added above it. */
export function moveSelection(ui: UiState, move: ListMove, { keys, pageRows }: ListContext): UiState {
  if (!isList(ui.pane)) return ui;
  const shown = keys(ui.pane);
  const at = Math.max(0, shown.indexOf(ui.chosen[ui.pane] ?? ''));
  const index = Math.max(0, Math.min(target(move, at, pageRows, shown.length), shown.length - 1));
  const { [ui.pane]: _, ...others } = ui.chosen;
  const key = shown[index];
  return { ...ui, chosen: index === 0 || key === undefined ? others : { ...others, [ui.pane]: key } };
}

function target(move: ListMove, at: number, page: number, length: number): number {
  switch (move) {
    case 'up':
      return at - 1;
    case 'down':
      return at + 1;
    case 'page-up':
      return at - page;
    case 'page-down':
      return at + page;
    case 'first':
      return 0;
    case 'last':
      return length - 1;
  }
}
