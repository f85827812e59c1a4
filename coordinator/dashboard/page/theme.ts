/** Colours of the style sheet, for what is drawn: they differ in dark and in light. */
export type Colour =
  'ink' | 'muted' | 'line' | 'surface' | 'blue' | 'sky' | 'green' | 'orange' | 'red' | 'purple' | 'grey';

const dark = matchMedia('(prefers-color-scheme: dark)');

export function colour(name: Colour): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function onThemeChange(listener: () => void): void {
  dark.addEventListener('change', listener);
}
