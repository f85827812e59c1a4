/** The API key: asked for when an answer is 401, kept for this tab. */
import { setText, the } from './dom.js';

const STORED_AS = 'boomerang-api-key';

let asking: Promise<void> | undefined;

export function authorization(): Record<string, string> {
  const key = sessionStorage.getItem(STORED_AS);
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

/** Resolves when a key was entered. Whoever asks meanwhile waits for the same one. */
export function askForKey(): Promise<void> {
  asking ??= ask().finally(() => (asking = undefined));
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
