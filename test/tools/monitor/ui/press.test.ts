import { describe, expect, it } from 'vitest';
import { keyOf } from '../../../../tools/monitor/terminal/key-of.js';
import { press, type KeyContext } from '../../../../tools/monitor/ui/press.js';
import { INITIAL_STATE, type UiState } from '../../../../tools/monitor/ui/state.js';
import { NOW_MS, snapshot } from '../support/snapshots.js';

const KEYS = {
  workers: ['worker-1', 'worker-2', 'worker-3'],
  tasks: Array.from({ length: 50 }, (_, index) => `task-${index}`),
  events: ['event-1'],
};

function around(change: Partial<KeyContext> = {}): KeyContext {
  return {
    snapshot: snapshot(),
    nowMs: NOW_MS,
    keys: (list) => KEYS[list],
    pageRows: 10,
    maxScroll: 7,
    isReadOnly: false,
    taskOf: (key) => (key === 'event-1' ? 'batch-0' : undefined),
    ...change,
  };
}

/** The state after these keys, and the last effect. */
function after(keys: readonly string[], from: Partial<UiState> = {}, change: Partial<KeyContext> = {}) {
  let ui: UiState = { ...INITIAL_STATE, ...from };
  let effect: unknown;
  for (const key of keys) {
    const pressed = press(ui, key, around(change));
    ui = pressed.ui;
    effect = pressed.effect;
  }
  return { ui, effect };
}

describe('keys', () => {
  it.each([['q'], ['C-c']])('%s quits', (key) => {
    expect(after([key]).effect).toEqual({ kind: 'quit' });
  });

  it.each([
    [['tab'], 'queue'],
    [['tab', 'tab', 'tab', 'tab', 'tab'], 'workers'],
    [['S-tab'], 'events'],
    [['4'], 'tasks'],
    [['6'], 'workers'],
  ])('%j leads to the pane %s', (keys, pane) => {
    expect(after(keys).ui.pane).toBe(pane);
  });

  it('go through a list, and stop at its ends', () => {
    const chosen = (...keys: readonly string[]) => after(keys, { pane: 'tasks' }).ui.chosen.tasks;
    expect(chosen('j')).toBe('task-1');
    expect(chosen('down', 'down', 'k')).toBe('task-1');
    expect(chosen('pagedown')).toBe('task-10');
    expect(chosen('G')).toBe('task-49');
    expect(chosen('end', 'j', 'j')).toBe('task-49');
    expect(chosen('G', 'pageup')).toBe('task-39');
    expect(chosen('up')).toBeUndefined();
  });

  it('stay on the first row, whichever it is by then, and on any other as it moves', () => {
    expect(after(['j', 'g'], { pane: 'tasks' }).ui.chosen).toEqual({});
    const { ui } = after(['j'], { pane: 'tasks' });
    const moved = press(ui, 'j', around({ keys: () => ['new-1', 'new-2', 'task-0', 'task-1', 'task-2'] }));
    expect(moved.ui.chosen.tasks).toBe('task-2');
  });

  it('begin at the top again where the chosen row is gone', () => {
    const { ui } = after(['j'], { pane: 'tasks', chosen: { tasks: 'gone' } });
    expect(ui.chosen.tasks).toBe('task-1');
  });

  it('z and Enter give a pane without rows the whole screen, and take it back', () => {
    expect(after(['2', 'enter']).ui.isZoomed).toBe(true);
    expect(after(['z', 'z']).ui.isZoomed).toBe(false);
    expect(after(['z', 'escape']).ui.isZoomed).toBe(false);
  });

  it('that mean nothing change nothing', () => {
    expect(after(['x', 'F5', 'C-x', ' ']).ui).toEqual(INITIAL_STATE);
  });
});

describe('p', () => {
  it('holds what is shown, until it is pressed again', () => {
    const held = after(['p']).ui;
    expect(held.frozen?.atMs).toBe(NOW_MS);
    expect(press(held, 'p', around()).ui).toEqual(INITIAL_STATE);
  });
});

describe('Enter', () => {
  it('opens the chosen row, else the first', () => {
    expect(after(['enter']).ui.mode).toEqual({ kind: 'detail', list: 'workers', key: 'worker-1', scroll: 0 });
    expect(after(['4', 'j', 'enter']).ui.mode).toMatchObject({ list: 'tasks', key: 'task-1' });
  });

  it('opens nothing where there is nothing', () => {
    expect(after(['4', 'enter'], {}, { keys: () => [] }).ui.mode).toEqual({ kind: 'browse' });
  });

  it('leads from an event to its task', () => {
    expect(after(['5', 'enter', 'enter']).ui.mode).toMatchObject({ list: 'tasks', key: 'batch-0' });
  });

  it.each([['escape'], ['enter'], ['backspace']])('is closed again by %s', (key) => {
    expect(after(['4', 'enter', key]).ui.mode).toEqual({ kind: 'browse' });
  });

  it('scrolls as far as there is something', () => {
    const scroll = (...keys: readonly string[]) => {
      const { mode } = after(['4', 'enter', ...keys]).ui;
      return mode.kind === 'detail' ? mode.scroll : undefined;
    };
    expect(scroll('j', 'j')).toBe(2);
    expect(scroll('pagedown', 'j')).toBe(7);
    expect(scroll('G', 'up')).toBe(6);
    expect(scroll('up')).toBe(0);
  });
});

describe('/', () => {
  it('takes what is typed, quits and moves included, until Enter', () => {
    const { ui } = after(['4', '/', 'q', 'j', 'K', ' ', 'é', 'backspace', 'x', 'enter']);
    expect(ui.filters.tasks).toBe('qjK x');
    expect(ui.mode).toEqual({ kind: 'browse' });
  });

  it('gives back the filter before when it is broken off', () => {
    expect(after(['4', '/', 'a', 'enter', '/', 'b', 'escape']).ui.filters.tasks).toBe('a');
    expect(after(['4', '/', 'a', 'b', 'C-u', 'c', 'enter']).ui.filters.tasks).toBe('c');
  });

  it('is dropped by Esc, before a pane is made small again', () => {
    const { ui } = after(['z', '/', 'a', 'enter', 'escape']);
    expect(ui.filters.workers).toBe('');
    expect(ui.isZoomed).toBe(true);
  });

  it('is of the tasks where a pane has no rows', () => {
    expect(after(['2', '/', 'x']).ui).toMatchObject({ pane: 'tasks', filters: { tasks: 'x' } });
  });
});

describe('K, P and R', () => {
  it.each([
    ['K', 'kill'],
    ['P', 'pause'],
    ['R', 'resume'],
  ])('%s asks before it does anything', (key, action) => {
    const requested = after(['j', key]);
    expect(requested.effect).toBeUndefined();
    expect(requested.ui.mode).toEqual({ kind: 'confirm', action, workerId: 'worker-2' });
    const done = press(requested.ui, 'y', around());
    expect(done.effect).toEqual({ kind: 'act', action, workerId: 'worker-2' });
    expect(done.ui.mode).toEqual({ kind: 'browse' });
  });

  it('are asked of the worker whose details are open', () => {
    const { ui } = after(['down', 'enter', 'K']);
    expect(ui.mode).toEqual({ kind: 'confirm', action: 'kill', workerId: after(['down']).ui.chosen.workers });
    expect(after(['4', 'enter', 'K']).ui.mode.kind).toBe('detail');
  });

  it.each([['n'], ['escape'], ['enter'], ['K'], ['q']])('are called off by %s', (key) => {
    const called = after(['K', key]);
    expect(called.effect).toBeUndefined();
    expect(called.ui.mode).toEqual({ kind: 'browse' });
  });

  it('do nothing where only looking is allowed', () => {
    const { ui } = after(['K'], {}, { isReadOnly: true });
    expect(ui.mode).toEqual({ kind: 'browse' });
    expect(ui.message?.text).toContain('--read-only');
  });

  it('say what to do where no worker is chosen', () => {
    expect(after(['4', 'K']).ui.message?.text).toMatch(/choose a worker/);
    expect(after(['P'], {}, { keys: () => [] }).ui.message?.text).toMatch(/no worker/);
  });
});

describe('keys of the terminal', () => {
  it.each([
    [undefined, { name: 'up' }, 'up'],
    ['K', { name: 'k', shift: true, full: 'S-k' }, 'K'],
    ['\t', { name: 'tab', full: 'tab' }, 'tab'],
    [undefined, { name: 'tab', shift: true, full: 'S-tab' }, 'S-tab'],
    ['\u0003', { name: 'c', ctrl: true, full: 'C-c' }, 'C-c'],
    ['\r', { name: 'enter' }, 'enter'],
    ['\r', { name: 'return' }, undefined],
    ['\n', { name: 'linefeed' }, 'enter'],
    ['?', {}, '?'],
    ['日', {}, '日'],
    ['\u001b[I', {}, undefined],
    [undefined, { name: 'f5', full: 'f5' }, undefined],
  ])('%j %j is %s', (character, key, expected) => {
    expect(keyOf(character, key)).toBe(expected);
  });
});
