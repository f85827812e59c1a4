/**
 * The terminal while the monitor has it: alternate screen, keys, sizes. Of blessed only its `program` is used: the lines
 * come finished, and its widgets count emoji as one column. Only lines that changed are written.
 */
import blessed from 'blessed';
import type { Size } from '../view/layout.js';
import type { Key } from '../ui/press.js';
import { keyOf, type BlessedKey } from './key-of.js';

export interface Terminal {
  size(): Size;
  draw(lines: readonly string[]): void;
  /** Leaves it as it was found. May be called at any time, and more than once. */
  leave(): void;
}

export interface TerminalEvents {
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
}

const CLEAR_LINE = '\u001b[0m\u001b[2K';
/** Used instead of TERM, because blessed fails on the descriptions of screen and of newer terminals. */
const DESCRIBED_AS = 'xterm-256color';

export function takeTerminal({ onKey, onResize }: TerminalEvents): Terminal {
  const program = blessed.program({ terminal: DESCRIBED_AS });
  let shown: readonly string[] = [];
  let isTaken = true;
  program.alternateBuffer();
  program.hideCursor();
  program.clear();
  program.flush();
  program.on('keypress', (character: string | undefined, key: BlessedKey) => {
    const pressed = keyOf(character, key);
    if (pressed !== undefined) onKey(pressed);
  });
  program.on('resize', () => {
    shown = [];
    program.clear();
    program.flush();
    onResize();
  });

  function leave(): void {
    if (!isTaken) return;
    isTaken = false;
    program.clear();
    program.showCursor();
    program.normalBuffer();
    program.flush();
    program.destroy();
  }
  // An error that nobody caught is printed after this, on the terminal as it was.
  process.on('uncaughtExceptionMonitor', leave);
  process.on('exit', leave);

  return {
    size: () => ({ columns: program.cols, rows: program.rows }),
    draw: (lines) => {
      if (!isTaken) return;
      const changed = lines.flatMap((line, row) =>
        shown[row] === line ? [] : [`\u001b[${row + 1};1H${CLEAR_LINE}${line}`],
      );
      shown = lines;
      if (changed.length > 0) process.stdout.write(changed.join(''));
    },
    leave,
  };
}
