/** What stands in the place of figures before any has come: that there is nothing would be a guess. */
import { h, setText } from './dom.js';

const places = new Set<HTMLElement>();
let said = 'Waiting for the coordinator…';

/** Whoever shows figures removes it when they come. */
export function waitingNote(): HTMLElement {
  const note = h('p', { class: 'empty' }, said);
  places.add(note);
  return note;
}

export function sayWaiting(isForKey: boolean): void {
  said = isForKey ? 'Waiting for the API key.' : 'Waiting for the coordinator…';
  for (const note of places) {
    if (note.isConnected) setText(note, said);
    else places.delete(note);
  }
}
