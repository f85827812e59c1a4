/** The monitor on a terminal, until somebody quits. */
import type { ActionResult } from './control.js';
import { buildScene, type SceneSettings } from './build-scene.js';
import { EMPTY_SNAPSHOT, type Snapshot } from './snapshot/snapshot.js';
import { ansi, type Palette } from './terminal/ansi.js';
import type { Terminal, TerminalEvents } from './terminal/terminal.js';
import { press, withMessage, type Effect, type Key } from './ui/press.js';
import { INITIAL_STATE, type UiState, type WorkerAction } from './ui/state.js';
import { layoutOf, pageRows } from './view/layout.js';
import { maxScroll } from './view/popup.js';
import { keysOf, taskOfEvent } from './view/rows.js';
import { popupOf, screenLines } from './view/screen.js';

export interface LiveParts {
  readonly settings: SceneSettings;
  readonly palette: Palette;
  readonly now: () => number;
  readonly refresh: (watchedTask: string | undefined) => Promise<Snapshot>;
  readonly takeTerminal: (events: TerminalEvents) => Terminal;
  readonly act: (action: WorkerAction, workerId: string) => Promise<ActionResult>;
  /** Somebody asks this process to stop. */
  readonly stopping: AbortSignal;
}

const REFRESH_MS = 1000;
const QUIT = 'quit';

export async function runLive(parts: LiveParts): Promise<void> {
  const live = new Live(parts);
  try {
    await live.run();
  } finally {
    live.leave();
  }
}

class Live {
  readonly #parts: LiveParts;
  readonly #terminal: Terminal;
  readonly #end = new AbortController();
  #ui: UiState = INITIAL_STATE;
  #snapshot: Snapshot = EMPTY_SNAPSHOT;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#terminal = parts.takeTerminal({
      onKey: (key) => this.#press(key),
      onResize: () => this.#draw(),
    });
  }

  /** Draws after each read, and once a second while the stack does not answer: ages go on, and STALE must show. */
  async run(): Promise<void> {
    const { stopping } = this.#parts;
    this.#draw();
    let isReading = false;
    const tick = (): void => {
      if (isReading) {
        this.#draw();
        return;
      }
      isReading = true;
      this.#read()
        .catch((error: unknown) => this.#end.abort(error))
        .finally(() => (isReading = false));
    };
    tick();
    const timer = setInterval(tick, REFRESH_MS);
    try {
      await waitForEnd(AbortSignal.any([this.#end.signal, stopping]));
    } finally {
      clearInterval(timer);
    }
  }

  leave(): void {
    this.#terminal.leave();
  }

  async #read(): Promise<void> {
    const { mode } = this.#ui;
    this.#snapshot = await this.#parts.refresh(
      mode.kind === 'detail' && mode.list === 'tasks' ? mode.key : undefined,
    );
    this.#draw();
  }

  #scene() {
    return buildScene(this.#parts.settings, this.#snapshot, this.#ui, this.#parts.now());
  }

  #draw(): void {
    const lines = screenLines(this.#scene(), this.#terminal.size());
    this.#terminal.draw(lines.map((line) => ansi(line, this.#parts.palette)));
  }

  #press(key: Key): void {
    const scene = this.#scene();
    const size = this.#terminal.size();
    const layout = layoutOf(size, this.#ui, scene.rows.workers.length);
    const { ui, effect } = press(this.#ui, key, {
      snapshot: this.#snapshot,
      nowMs: this.#parts.now(),
      keys: (list) => keysOf(scene.rows, list),
      pageRows: pageRows(layout, this.#ui.pane),
      maxScroll: maxScroll(popupOf(scene, size)?.lines.length ?? 0, size),
      isReadOnly: scene.isReadOnly,
      taskOf: (eventKey) => taskOfEvent(scene.rows, eventKey),
    });
    this.#ui = ui;
    if (effect !== undefined) this.#perform(effect);
    this.#draw();
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'quit') {
      this.#end.abort(QUIT);
      return;
    }
    const { action, workerId } = effect;
    this.#showMessage(`${action} ${workerId} ...`, 'warn');
    this.#parts.act(action, workerId).then(
      ({ text, style }) => this.#showMessage(text, style),
      (error: unknown) => this.#end.abort(error),
    );
  }

  #showMessage(text: string, style: 'good' | 'warn' | 'bad'): void {
    this.#ui = withMessage(this.#ui, text, style, this.#parts.now());
    this.#draw();
  }
}

/** Throws what it was ended with, where that is an error. */
async function waitForEnd(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  const reason: unknown = signal.reason;
  const isRequested = reason === QUIT || (reason instanceof DOMException && reason.name === 'AbortError');
  if (!isRequested) throw reason instanceof Error ? reason : new Error(String(reason));
}
