/** A placeholder until the first data arrives: whether there are any tasks or workers is unknown until then. */
import { h, setText } from './dom.js';

const notes = new Set<HTMLElement>();
let text = 'Waiting for the coordinator…';

/** The caller removes the note when its data arrives. */
export function waitingNote(): HTMLElement {
  const note = h('p', { class: 'empty' }, text);
  notes.add(note);
  return note;
}

export function updateWaitingNotes(isForKey: boolean): void {
  text = isForKey ? 'Waiting for the API key.' : 'Waiting for the coordinator…';
  for (const note of notes) {
    if (note.isConnected) setText(note, text);
    else notes.delete(note);
  }
}
