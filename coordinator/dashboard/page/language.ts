/**
 * The browser's language as a tag that `Intl` takes. uPlot formats numbers by `navigator.language` while it loads, and
 * where a browser calls it `en-US@posix`, as on systems with a POSIX locale, that would end the page.
 */
export interface SpeaksLanguage {
  readonly language: string;
}

const FALLBACK = 'en';

export function correctLanguage(from: SpeaksLanguage): void {
  if (isLanguageTag(from.language)) return;
  Object.defineProperty(from, 'language', { value: languageIn(from.language), configurable: true });
}

function languageIn(language: unknown): string {
  const start = /^[a-z]{2,3}([-_][a-z]{2})?(?![a-z])/i.exec(String(language))?.[0].replace('_', '-');
  return isLanguageTag(start) ? start : FALLBACK;
}

function isLanguageTag(language: unknown): language is string {
  if (typeof language !== 'string') return false;
  try {
    return Intl.getCanonicalLocales(language).length === 1;
  } catch {
    return false;
  }
}
