/** The API key: asked for when an answer is 401, kept for this tab. */
import { setText, the } from './dom.js';

const STORED_AS = 'boomerang-api-key';

let asking: Promise<void> | undefined;
let tellWanted: (isWanted: boolean) => void = () => undefined;

/** Called when a key begins to be asked for, and when one was entered. */
export function onKeyWanted(listener: (isWanted: boolean) => void): void {
  tellWanted = listener;
}

export function authorization(): Record<string, string> {
  const key = sessionStorage.getItem(STORED_AS);
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

/** Resolves when a key was entered. Whoever asks meanwhile waits for the same one. */
export function askForKey(): Promise<void> {
  if (asking !== undefined) return asking;
  tellWanted(true);
  asking = ask().finally(() => {
    asking = undefined;
    tellWanted(false);
  });
  return asking;
}

function ask(): Promise<void> {
  const dialog = the('key', HTMLDialogElement);
  const input = the('key-text', HTMLInputElement);
  const wasRefused = sessionStorage.getItem(STORED_AS) !== null;
  setText(the('key-problem', HTMLParagraphElement), wasRefused ? 'That key was refused.' : '');
  sessionStorage.removeItem(STORED_AS);
  input.value = '';
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const key = input.value.trim();
        if (key !== '') sessionStorage.setItem(STORED_AS, key);
        input.value = '';
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
}
