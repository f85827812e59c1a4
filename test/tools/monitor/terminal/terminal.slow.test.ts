/** The monitor in a real terminal, on a real stack. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../../../infra/process/project-root.js';
import { eventually } from '../../../support/eventually.js';
import { tempFolder } from '../../../support/temp-folder.js';
import { startFilledStack, type FilledStack } from '../support/filled-stack.js';
import { CLEAN, hasTmux, startTmux, type Tmux } from '../support/tmux.js';

const PATIENCE = { timeoutMs: 25_000 };
const MONITOR = join(projectRoot, 'dist', 'tools', 'monitor', 'main.js');
const UNCAUGHT = join(projectRoot, 'test', 'tools', 'monitor', 'fixtures', 'uncaught.mjs');
/** Returns what stands there once the monitor is gone: its exit code, and whether the terminal echoes and edits again. */
const AFTERWARDS = `; echo "exit=$?"; stty -a; exec cat`;

describe.skipIf(!hasTmux)('the monitor in a terminal', () => {
  let stack: FilledStack;
  let tmux: Tmux;

  beforeAll(async () => {
    [stack, tmux] = await Promise.all([startFilledStack(), startTmux(100, 30)]);
  });
  afterAll(async () => {
    await tmux.close();
    await stack.close();
  });

  const command = (dataFolder: string): string =>
    `AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=1 "${process.execPath}" "${MONITOR}" ` +
    `--endpoint ${stack.url} --data "${dataFolder}"`;
  const shows = (window: string, ...patterns: readonly RegExp[]) =>
    eventually(async () => {
      const screen = await tmux.screen(window);
      for (const pattern of patterns) expect(screen).toMatch(pattern);
      return screen;
    }, PATIENCE);
  const isClean = async (window: string): Promise<string> => {
    const screen = await shows(window, /exit=\d+/, /[^-]icanon/, /[^-]echo\b/);
    expect(await tmux.leftovers(window)).toBe(CLEAN);
    return screen;
  };

  it('shows the system, hears keys, bears sizes and leaves the terminal as it was', async () => {
    const window = 'life';
    const press = (...keys: readonly string[]) => tmux.press(window, ...keys);
    await tmux.open(window, command(await tempFolder()) + AFTERWARDS);
    await shows(
      window,
      /boomerang {2}● live/,
      /Workers 2\/2 up/,
      /worker-2 +● up +1 .* ↯ demo/,
      /depth +1 /,
      /· queued +0 .*It waits in the queue\./,
      /✓ succeeded POSITIVE worker-2 +2 +100 ms The soup was wonderful 😀/,
      /↯ error +worker-1 failed delivery 1/,
    );

    await press('Tab', 'Tab', 'Tab', 'j', 'Enter');
    await shows(window, /─ Task ─/, /Deliveries \(2\)/, /1 +\+20 ms +worker-1 +failed +40 ms +↯ error/);
    await press('Escape');
    await press('?');
    await shows(window, /─ Help ─/, /kill the chosen worker/);
    await press('Escape');
    await press('/', 'soup', 'Enter');
    await eventually(async () => expect(await tmux.screen(window)).not.toContain('It waits'), PATIENCE);
    await press('1', 'K');
    await shows(window, /kill worker-1\?/);
    await press('y');
    await shows(window, /nothing runs on .*boomerang-test/);
    await press('p');
    await shows(window, /boomerang {2}FROZEN/);
    await press('p');

    await tmux.resize(window, 60, 15);
    await shows(window, /^ 2\/2 up · depth 1 · in /m, /─ Workers 2\/2 up ─+┐$/m);
    await tmux.resize(window, 30, 5);
    await shows(window, /too small/);
    await tmux.resize(window, 130, 40);
    await shows(window, /─ Workers 2\/2 up ─{90,}┐$/m, /Rates and latency/);

    await press('q');
    expect(await isClean(window)).toContain('exit=0');
  });

  it('gives the terminal back on SIGTERM, SIGHUP and SIGINT', async () => {
    const folder = await tempFolder();
    const end = async (signal: NodeJS.Signals): Promise<string> => {
      const pidFile = join(folder, signal);
      await tmux.open(signal, `sh -c 'echo $$ > "${pidFile}"; exec env ${command(folder)}'${AFTERWARDS}`);
      await shows(signal, /Workers 2\/2 up/);
      process.kill(Number(await readFile(pidFile, 'utf8')), signal);
      return isClean(signal);
    };
    const screens = await Promise.all((['SIGTERM', 'SIGHUP', 'SIGINT'] as const).map(end));
    for (const screen of screens) expect(screen).toContain('exit=0');
  });

  it('gives it back when what started it is killed, and the shell goes on', async () => {
    const folder = await tempFolder();
    const pidFile = join(folder, 'parent');
    await tmux.open('orphan', `sh -c 'echo $$ > "${pidFile}"; ${command(folder)}; true'${AFTERWARDS}`);
    await shows('orphan', /Workers 2\/2 up/);
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    await eventually(async () => expect(await tmux.leftovers('orphan')).toBe(CLEAN), PATIENCE);
    expect(await tmux.screen('orphan')).not.toContain('Workers');
  });

  it('gives it back before an error that nobody caught is printed', async () => {
    await tmux.open('uncaught', `"${process.execPath}" "${UNCAUGHT}"${AFTERWARDS}`);
    expect(await isClean('uncaught')).toContain('exit=1');
    expect(await tmux.screen('uncaught')).toContain('nobody catches this');
  });

  it('prints once as text where it cannot draw: in a dumb terminal, in a pipe', async () => {
    const folder = await tempFolder();
    const once = async (name: string, before: string): Promise<string> => {
      await tmux.open(name, `${before} env ${command(folder)}${AFTERWARDS}`);
      return shows(name, /exit=0/);
    };
    for (const screen of await Promise.all([once('dumb', 'TERM=dumb'), once('pipe', 'cat /dev/null |')])) {
      expect(screen).toMatch(/Events\n +time +fault +what happened/);
      expect(screen).not.toContain('┌');
    }
  });
});
