/** The color of a label: the same for each use of a label, whatever labels the model has. */

const KNOWN = { positive: 'blue', negative: 'orange' } as const;
/** Colors that stand for neither a good nor a bad state. */
const NEUTRAL = ['purple', 'sky', 'grey'] as const;
export type LabelTone = (typeof KNOWN)[keyof typeof KNOWN] | (typeof NEUTRAL)[number];

export function labelTone(label: string): LabelTone {
  const known = Object.entries(KNOWN).find(([name]) => name === label.toLowerCase());
  if (known !== undefined) return known[1];
  const sum = Array.from(label).reduce((total, character) => total * 31 + (character.codePointAt(0) ?? 0), 7);
  return NEUTRAL[sum % NEUTRAL.length] ?? 'grey';
}
