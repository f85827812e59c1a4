/**
 * Makes the browser's language a tag that `Intl` accepts. uPlot formats numbers by `navigator.language` while it loads, and a
 * language such as `en-US@posix`, as on systems with a POSIX locale, would make it throw.
 */
export interface LanguageHolder {
  readonly language: string;
}

const FALLBACK = 'en';

export function correctLanguage(from: LanguageHolder): void {
  if (isLanguageTag(from.language)) return;
  Object.defineProperty(from, 'language', { value: extractLanguageTag(from.language), configurable: true });
}

function extractLanguageTag(language: unknown): string {
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
