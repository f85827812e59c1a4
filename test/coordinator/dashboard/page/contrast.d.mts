/** Contrast of every text that a page shows, as WCAG 2 computes it. Runs in the browser, so it stands alone. */
export interface Faint {
  readonly text: string;
  readonly ratio: number;
  readonly needed: number;
}

export function faintTexts(): { readonly checked: number; readonly faint: readonly Faint[] };
