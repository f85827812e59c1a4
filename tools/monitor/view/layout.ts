/** Which pane has which part of the screen. */
import type { PaneName, UiState } from '../ui/state.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Place {
  readonly pane: PaneName;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Layout =
  /** Workers over two columns: tasks at the left, figures and events at the right. */
  | { readonly kind: 'wide'; readonly places: readonly Place[] }
  /** One below the other. */
  | { readonly kind: 'tall'; readonly places: readonly Place[] }
  /** The pane in focus, and a line of figures for all the others. */
  | { readonly kind: 'small'; readonly places: readonly Place[] }
  | { readonly kind: 'none' };

export const MIN_SIZE: Size = { columns: 40, rows: 8 };
const WIDE: Size = { columns: 110, rows: 28 };
const TALL: Size = { columns: 64, rows: 22 };
/** Header and footer. */
const EDGES = 2;

export function layoutOf(size: Size, ui: Pick<UiState, 'pane' | 'isZoomed'>, workers: number): Layout {
  if (size.columns < MIN_SIZE.columns || size.rows < MIN_SIZE.rows) return { kind: 'none' };
  const area = { width: size.columns, height: size.rows - EDGES };
  if (ui.isZoomed) return { kind: 'tall', places: [{ pane: ui.pane, x: 0, y: 1, ...area }] };
  if (size.columns >= WIDE.columns && size.rows >= WIDE.rows) {
    return { kind: 'wide', places: widePlaces(area.width, area.height, workers) };
  }
  if (size.columns >= TALL.columns && size.rows >= TALL.rows) {
    return { kind: 'tall', places: tallPlaces(area.width, area.height, workers) };
  }
  const place = { pane: ui.pane, x: 0, y: 2, width: area.width, height: area.height - 1 };
  return { kind: 'small', places: [place] };
}

function widePlaces(width: number, height: number, workers: number): readonly Place[] {
  const left = Math.floor(width * 0.57);
  const workerRows = clamp(workers + 3, 4, Math.floor(height * 0.35));
  const below = height - workerRows;
  const queueRows = 7;
  const flowRows = below >= 32 ? 12 : 8;
  const column = { x: left, width: width - left };
  const y = 1 + workerRows;
  const eventsY = y + queueRows + flowRows;
  return [
    { pane: 'workers', x: 0, y: 1, width, height: workerRows },
    { pane: 'tasks', x: 0, y, width: left, height: below },
    { pane: 'queue', ...column, y, height: queueRows },
    { pane: 'flow', ...column, y: y + queueRows, height: flowRows },
    { pane: 'events', ...column, y: eventsY, height: below - queueRows - flowRows },
  ];
}

function tallPlaces(width: number, height: number, workers: number): readonly Place[] {
  const half = Math.floor(width / 2);
  const workerRows = clamp(workers + 3, 4, Math.floor(height * 0.28));
  const figureRows = clamp(Math.floor(height * 0.28), 6, 12);
  const eventRows = clamp(Math.floor(height * 0.23), 4, 12);
  const taskRows = height - workerRows - figureRows - eventRows;
  const figuresY = 1 + workerRows;
  const tasksY = figuresY + figureRows;
  return [
    { pane: 'workers', x: 0, y: 1, width, height: workerRows },
    { pane: 'queue', x: 0, y: figuresY, width: half, height: figureRows },
    { pane: 'flow', x: half, y: figuresY, width: width - half, height: figureRows },
    { pane: 'tasks', x: 0, y: tasksY, width, height: taskRows },
    { pane: 'events', x: 0, y: tasksY + taskRows, width, height: eventRows },
  ];
}

/** Rows of a list that fit, its frame and head aside: how far a page key goes. */
export function pageRows(layout: Layout, pane: PaneName): number {
  const place = layout.kind === 'none' ? undefined : layout.places.find((one) => one.pane === pane);
  return Math.max(1, (place?.height ?? 4) - 3);
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));
