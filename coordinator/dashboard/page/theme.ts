/** Colors of the style sheet for use on a canvas; they differ between the dark and the light theme. */
export type Color =
  'ink' | 'muted' | 'line' | 'surface' | 'blue' | 'sky' | 'green' | 'orange' | 'red' | 'purple' | 'grey';

const dark = matchMedia('(prefers-color-scheme: dark)');

export function themeColor(name: Color): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function onThemeChange(listener: () => void): void {
  dark.addEventListener('change', listener);
}
