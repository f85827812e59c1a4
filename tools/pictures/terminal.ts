/** Programs as they look in a terminal of their own: run in tmux, captured, drawn by Chromium. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { projectRoot } from '../../infra/process/project-root.js';
import { pageOf } from './ansi-html.js';
import { chromiumArguments } from './find-chromium.js';

const run = promisify(execFile);
const LOOK_MS = 250;
const TIMEOUT_MS = 60_000;

export interface Shot {
  /** As it stands in `dist/`, and its words. */
  readonly program: string;
  readonly words: readonly string[];
  readonly columns: number;
  readonly rows: number;
  /** The text to wait for. */
  readonly until: RegExp;
  /** Done when it is there, before another look. */
  readonly then?: () => Promise<void>;
  readonly andUntil?: RegExp;
}

export class Terminal {
  readonly #socket = `boomerang-pictures-${process.pid}`;
  readonly #chromiumPath: string;

  constructor(chromiumPath: string) {
    this.#chromiumPath = chromiumPath;
  }

  /** Writes a PNG. @throws where the screen never shows what it should */
  async take(shot: Shot, file: string): Promise<void> {
    const command = [process.execPath, join(projectRoot, 'dist', shot.program), ...shot.words];
    const size = ['-x', String(shot.columns), '-y', String(shot.rows)];
    const quoted = command.map((word) => `'${word}'`).join(' ');
    // It stays when the program has ended, so that its last screen can be read.
    await this.#tmux(['new-session', '-d', ...size, `${quoted}; sleep ${TIMEOUT_MS / 1000}`]);
    try {
      await this.#untilSeen(shot.until);
      await shot.then?.();
      if (shot.andUntil !== undefined) await this.#untilSeen(shot.andUntil);
      await this.#draw(await this.#screen(true), file);
    } finally {
      await this.#tmux(['kill-server']).catch(() => undefined);
    }
  }

  async #untilSeen(pattern: RegExp): Promise<void> {
    const deadlineMs = performance.now() + TIMEOUT_MS;
    while (!pattern.test(await this.#screen(false))) {
      if (performance.now() > deadlineMs) throw new Error(`the screen never showed ${String(pattern)}`);
      await delay(LOOK_MS);
    }
  }

  #screen(withStyles: boolean): Promise<string> {
    return this.#tmux(['capture-pane', '-p', ...(withStyles ? ['-e'] : [])]);
  }

  async #tmux(words: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-L', this.#socket, '-f', '/dev/null', ...words]);
    return stdout;
  }

  async #draw(screen: string, file: string): Promise<void> {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({
      executablePath: this.#chromiumPath,
      args: chromiumArguments(),
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
      await page.setContent(pageOf(screen, file));
      await page.locator('pre').screenshot({ path: file });
    } finally {
      await browser.close();
    }
  }
}
