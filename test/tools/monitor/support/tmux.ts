/** A real terminal: tmux with a server of its own. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;
// eslint-disable-next-line no-console -- a skipped test says so
if (!hasTmux) console.warn('tmux is not installed: the monitor is not tested in a real terminal');

export interface Tmux {
  /** Starts a command of the shell in a window of that name. */
  open(window: string, command: string): Promise<void>;
  /** The text on its screen. */
  screen(window: string): Promise<string>;
  /** By tmux's names: Enter, Tab, Escape, C-c, or what is typed. */
  press(window: string, ...keys: readonly string[]): Promise<void>;
  resize(window: string, columns: number, rows: number): Promise<void>;
  /** Programs may leave these behind: the second screen, a hidden cursor, keys and mouse in another mode. */
  leftovers(window: string): Promise<string>;
  close(): Promise<void>;
}

const FLAGS = 'alternate=#{alternate_on} cursor=#{cursor_flag} keypad=#{keypad_flag} mouse=#{mouse_any_flag}';
export const CLEAN = 'alternate=0 cursor=1 keypad=0 mouse=0';

/** Every window begins with so many columns and rows. */
export async function startTmux(columns: number, rows: number): Promise<Tmux> {
  const folder = await mkdtemp(join(tmpdir(), 'boomerang-tmux-'));
  const tmux = async (...given: readonly string[]): Promise<string> => {
    const { stdout } = await run('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', '-u', ...given], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LC_ALL: 'C.UTF-8' },
    });
    return stdout.trimEnd();
  };
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('new-session', '-d', '-s', 'keeps-the-server', 'cat');
  return {
    open: async (window, command) => {
      await tmux('new-session', '-d', ...size, '-s', window, command);
    },
    screen: (window) => tmux('capture-pane', '-p', '-t', `=${window}:`),
    press: async (window, ...keys) => {
      await tmux('send-keys', '-t', `=${window}:`, ...keys);
    },
    resize: async (window, width, height) => {
      await tmux('resize-window', '-t', `=${window}:`, '-x', String(width), '-y', String(height));
    },
    leftovers: (window) => tmux('display-message', '-p', '-t', `=${window}:`, FLAGS),
    close: async () => {
      await tmux('kill-server');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
