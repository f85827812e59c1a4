/**
 * Taking accents off as @xenova/transformers does it (NFD, then without U+0300–036F), in time that is bounded by the text's
 * length: NFD sorts a run of combining marks, which takes a time that grows with its square.
 */

/** All that go in the end and are sorted before; U+034F is not, since none moves past it. */
const SORTED_ACCENTS = /[\u0300-\u034e\u0350-\u036f]/g;
const LONG_RUN = /\p{M}{1001,}/gu;
/** A word that is longer than any that a vocabulary takes stays one. */
const KEPT_OF_A_RUN = 1000;

export function stripAccents(text: string): string {
  return text
    .replace(SORTED_ACCENTS, '')
    .replace(LONG_RUN, (marks) => Array.from(marks).slice(0, KEPT_OF_A_RUN).join(''))
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}
