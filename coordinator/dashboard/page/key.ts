/** The API key: requested from the user after a 401, and kept for this tab. */
import { setText, requireElement } from './dom.js';

const STORAGE_KEY = 'boomerang-api-key';

let pending: Promise<void> | undefined;
let notifyPrompt: (isPrompting: boolean) => void = () => undefined;

/** The listener is called when the dialog for the key opens, and when it closes. */
export function onKeyPrompt(listener: (isPrompting: boolean) => void): void {
  notifyPrompt = listener;
}

export function authorization(): Record<string, string> {
  const key = sessionStorage.getItem(STORAGE_KEY);
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

/** Resolves when the user has entered a key. Concurrent calls share one dialog. */
export function requestKey(): Promise<void> {
  if (pending !== undefined) return pending;
  notifyPrompt(true);
  pending = promptForKey().finally(() => {
    pending = undefined;
    notifyPrompt(false);
  });
  return pending;
}

function promptForKey(): Promise<void> {
  const dialog = requireElement('key', HTMLDialogElement);
  const input = requireElement('key-text', HTMLInputElement);
  const wasRefused = sessionStorage.getItem(STORAGE_KEY) !== null;
  setText(requireElement('key-problem', HTMLParagraphElement), wasRefused ? 'That key was refused.' : '');
  sessionStorage.removeItem(STORAGE_KEY);
  input.value = '';
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const key = input.value.trim();
        if (key !== '') sessionStorage.setItem(STORAGE_KEY, key);
        input.value = '';
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
}
