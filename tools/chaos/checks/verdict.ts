/** The verdict on an experiment, for people and for scripts. */
import type { CheckResult } from './check.js';

export type Verdict =
  | { readonly outcome: 'held' }
  | { readonly outcome: 'broken'; readonly reason: string }
  | { readonly outcome: 'could not run'; readonly reason: string };

export const EXIT_CODES = { held: 0, broken: 1, 'could not run': 2 } as const satisfies Record<
  Verdict['outcome'],
  number
>;

export function verdictOf(checks: readonly CheckResult[]): Verdict {
  const broken = checks.filter(({ held }) => !held);
  if (broken.length === 0) return { outcome: 'held' };
  return { outcome: 'broken', reason: broken.map(({ name, finding }) => `${name}: ${finding}`).join('; ') };
}

export function exitCodeOfVerdict({ outcome }: Verdict): number {
  return EXIT_CODES[outcome];
}
