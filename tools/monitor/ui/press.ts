/** The effect of a key: the next state, and the action to perform. */
import type { Snapshot } from '../snapshot/snapshot.js';
import { moveSelection, type ListMove } from './move.js';
import { isList, PANES, type ListName, type PaneName, type UiState, type WorkerAction } from './state.js';

/** A character, or one of: up down pageup pagedown home end tab S-tab enter escape backspace C-c C-u. */
export type Key = string;

export interface KeyContext {
  readonly snapshot: Snapshot;
  readonly nowMs: number;
  /** The row keys of each list as it is shown. */
  readonly keys: (list: ListName) => readonly string[];
  readonly pageRows: number;
  readonly maxScroll: number;
  readonly isReadOnly: boolean;
  /** A task that this event is about. */
  readonly taskOf: (eventKey: string) => string | undefined;
}

export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'act'; readonly action: WorkerAction; readonly workerId: string };

export interface KeyResult {
  readonly ui: UiState;
  readonly effect?: Effect;
}

const MOVES: Readonly<Record<Key, ListMove>> = {
  up: 'up',
  k: 'up',
  down: 'down',
  j: 'down',
  pageup: 'page-up',
  pagedown: 'page-down',
  home: 'first',
  g: 'first',
  end: 'last',
  G: 'last',
};
const ACTIONS: Readonly<Record<Key, WorkerAction>> = { K: 'kill', P: 'pause', R: 'resume' };
const MESSAGE_MS = 6000;
const QUIT: Effect = { kind: 'quit' };

export function press(ui: UiState, key: Key, around: KeyContext): KeyResult {
  if (key === 'C-c') return { ui, effect: QUIT };
  switch (ui.mode.kind) {
    case 'browse':
      return pressInBrowse(ui, key, around);
    case 'filter':
      return { ui: typeFilter(ui, ui.mode, key) };
    case 'confirm': {
      const { action, workerId } = ui.mode;
      const isSure = key === 'y' || key === 'Y';
      return { ui: toBrowseMode(ui), ...(isSure ? { effect: { kind: 'act', action, workerId } } : {}) };
    }
    case 'help':
    case 'detail':
      return pressInPopup(ui, ui.mode, key, around);
  }
}

export function withMessage(
  ui: UiState,
  text: string,
  style: 'good' | 'warn' | 'bad',
  nowMs: number,
): UiState {
  return { ...ui, message: { text, style, untilMs: nowMs + MESSAGE_MS } };
}

function pressInBrowse(ui: UiState, key: Key, around: KeyContext): KeyResult {
  const move = MOVES[key];
  const action = ACTIONS[key];
  const numbered = PANES[Number(key) - 1];
  if (move !== undefined) return { ui: moveSelection(ui, move, around) };
  if (action !== undefined) return { ui: askToConfirm(ui, action, around) };
  if (numbered !== undefined) return { ui: { ...ui, pane: numbered } };
  switch (key) {
    case 'q':
      return { ui, effect: QUIT };
    case 'tab':
      return { ui: { ...ui, pane: paneBeside(ui.pane, 1) } };
    case 'S-tab':
      return { ui: { ...ui, pane: paneBeside(ui.pane, -1) } };
    case '?':
      return { ui: { ...ui, mode: { kind: 'help', scroll: 0 } } };
    case '/':
      return { ui: startFilter(ui) };
    case 'z':
      return { ui: { ...ui, isZoomed: !ui.isZoomed } };
    case 'p':
      return { ui: toggleFreeze(ui, around) };
    case 'enter':
      return { ui: openDetails(ui, around) };
    case 'escape':
      return { ui: stepBack(ui) };
    default:
      return { ui };
  }
}

function toBrowseMode(ui: UiState): UiState {
  return { ...ui, mode: { kind: 'browse' } };
}

function paneBeside(pane: PaneName, step: 1 | -1): PaneName {
  const index = (PANES.indexOf(pane) + step + PANES.length) % PANES.length;
  return PANES[index] ?? pane;
}

function toggleFreeze(ui: UiState, { snapshot, nowMs }: KeyContext): UiState {
  if (ui.frozen === undefined) return { ...ui, frozen: { snapshot, atMs: nowMs } };
  const { frozen: _, ...rest } = ui;
  return rest;
}

/** Details of the chosen row; a pane without rows gets the whole screen. */
function openDetails(ui: UiState, { keys }: KeyContext): UiState {
  if (!isList(ui.pane)) return { ...ui, isZoomed: !ui.isZoomed };
  const shown = keys(ui.pane);
  const chosen = ui.chosen[ui.pane];
  const key = chosen !== undefined && shown.includes(chosen) ? chosen : shown[0];
  if (key === undefined) return ui;
  return { ...ui, mode: { kind: 'detail', list: ui.pane, key, scroll: 0 } };
}

function stepBack(ui: UiState): UiState {
  if (isList(ui.pane) && ui.filters[ui.pane] !== '') return withFilter(ui, ui.pane, '');
  return { ...ui, isZoomed: false };
}

/** Acts on the worker whose details are open, else on the selected one. */
function askToConfirm(ui: UiState, action: WorkerAction, { keys, isReadOnly, nowMs }: KeyContext): UiState {
  if (isReadOnly) return withMessage(ui, '--read-only: no worker can be touched from here', 'warn', nowMs);
  if (ui.pane !== 'workers') return withMessage(ui, `choose a worker first: its pane is 1`, 'warn', nowMs);
  const shown = keys('workers');
  const chosen = shown.find((key) => key === ui.chosen.workers) ?? shown[0];
  const workerId = ui.mode.kind === 'detail' ? ui.mode.key : chosen;
  if (workerId === undefined) return withMessage(ui, 'there is no worker', 'warn', nowMs);
  return { ...ui, mode: { kind: 'confirm', action, workerId } };
}

/** Panes without rows have no filter: tasks are what people look for. */
function startFilter(ui: UiState): UiState {
  const list = isList(ui.pane) ? ui.pane : 'tasks';
  return { ...ui, pane: list, mode: { kind: 'filter', list, before: ui.filters[list] } };
}

function typeFilter(ui: UiState, mode: UiState['mode'] & { kind: 'filter' }, key: Key): UiState {
  const filter = ui.filters[mode.list];
  if (key === 'enter') return toBrowseMode(ui);
  if (key === 'escape') return toBrowseMode(withFilter(ui, mode.list, mode.before));
  if (key === 'backspace') return withFilter(ui, mode.list, Array.from(filter).slice(0, -1).join(''));
  if (key === 'C-u') return withFilter(ui, mode.list, '');
  const isCharacter = Array.from(key).length === 1;
  return isCharacter ? withFilter(ui, mode.list, filter + key) : ui;
}

function withFilter(ui: UiState, list: ListName, filter: string): UiState {
  return { ...ui, filters: { ...ui.filters, [list]: filter } };
}

function pressInPopup(
  ui: UiState,
  mode: UiState['mode'] & { kind: 'help' | 'detail' },
  key: Key,
  around: KeyContext,
): KeyResult {
  if (key === 'q') return { ui, effect: QUIT };
  if (key === 'p' && mode.kind === 'detail') return { ui: toggleFreeze(ui, around) };
  const action = ACTIONS[key];
  if (action !== undefined && mode.kind === 'detail' && mode.list === 'workers') {
    return { ui: askToConfirm(ui, action, around) };
  }
  const taskId = key === 'enter' && mode.kind === 'detail' ? taskBehind(mode, around) : undefined;
  if (taskId !== undefined) {
    return { ui: { ...ui, mode: { kind: 'detail', list: 'tasks', key: taskId, scroll: 0 } } };
  }
  const move = MOVES[key];
  if (move === undefined) {
    const closes = ['escape', 'enter', '?', 'backspace', 'z'].includes(key);
    return { ui: closes ? toBrowseMode(ui) : ui };
  }
  const scroll = scrolled(mode.scroll, move, around);
  return { ui: { ...ui, mode: { ...mode, scroll } } };
}

function taskBehind(mode: UiState['mode'] & { kind: 'detail' }, { taskOf }: KeyContext): string | undefined {
  return mode.list === 'events' ? taskOf(mode.key) : undefined;
}

function scrolled(from: number, move: ListMove, { pageRows, maxScroll }: KeyContext): number {
  const steps: Readonly<Record<ListMove, number>> = {
    up: -1,
    down: 1,
    'page-up': -pageRows,
    'page-down': pageRows,
    first: -Infinity,
    last: Infinity,
  };
  return Math.max(0, Math.min(from + steps[move], maxScroll));
}
