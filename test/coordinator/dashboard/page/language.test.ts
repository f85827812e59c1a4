import { describe, expect, it } from 'vitest';
import { correctLanguage, type LanguageHolder } from '../../../../coordinator/dashboard/page/language.js';
import { readPageFiles } from '../../../../coordinator/dashboard/page-files.js';

/** A browser's, where the language is of the prototype and cannot be set. */
function navigatorOf(language: unknown): LanguageHolder {
  return Object.create({
    get language() {
      return language;
    },
  }) as LanguageHolder;
}

describe("the browser's language", () => {
  it.each([
    ['en-US@posix', 'en-US'],
    ['de_DE.UTF-8', 'de-DE'],
    ['C', 'en'],
    ['', 'en'],
    [undefined, 'en'],
    [null, 'en'],
    ['*', 'en'],
    ['de-CH', 'de-CH'],
    ['zh-Hant-TW', 'zh-Hant-TW'],
    ['en-US-u-va-posix', 'en-US-u-va-posix'],
  ])('%s is taken for %s, with which numbers can be written', (language, expected) => {
    const navigator = navigatorOf(language);
    correctLanguage(navigator);
    expect(navigator.language).toBe(expected);
    expect(new Intl.NumberFormat(navigator.language).format(1)).toBe('1');
  });

  it('is corrected before uPlot loads, wherever that is imported', async () => {
    const importers = [...(await readPageFiles())]
      .map(([path, { bytes }]) => [path, bytes.toString()] as const)
      .filter(([, script]) => /from ['"]\.\/vendor\/uplot\.js['"]/.test(script));
    expect(importers.map(([path]) => path)).toEqual(['/dashboard/charts.js']);
    for (const [, script] of importers) {
      const imports = [...script.matchAll(/^import .*?['"](.+?)['"];$/gm)].map(([, target]) => target);
      expect(imports.slice(0, 2)).toEqual(['./correct-language.js', './vendor/uplot.js']);
    }
  });
});
