/** blessed's keys by one name each. */
import type { Key } from '../ui/press.js';

export interface BlessedKey {
  readonly name?: string;
  readonly full?: string;
  readonly ctrl?: boolean;
  readonly shift?: boolean;
}

const NAMED = new Set(['up', 'down', 'pageup', 'pagedown', 'home', 'end', 'escape', 'backspace']);

export function keyOf(
  character: string | undefined,
  { name, full, ctrl = false, shift = false }: BlessedKey,
): Key | undefined {
  if (ctrl) return full;
  // blessed tells of Return twice, under both of its names.
  if (name === 'enter' || name === 'linefeed') return 'enter';
  if (name === 'return') return undefined;
  if (name === 'tab') return shift ? 'S-tab' : 'tab';
  if (name !== undefined && NAMED.has(name)) return name;
  return character !== undefined && Array.from(character).length === 1 && character >= ' '
    ? character
    : undefined;
}
