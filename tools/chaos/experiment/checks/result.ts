import type { CheckResult } from '../checks.js';

const EXAMPLES = 5;

/** Held where nothing was found that should not be. */
export function noneOf(name: string, violations: readonly string[], finding: string): CheckResult {
  return { name, held: violations.length === 0, finding, examples: violations.slice(0, EXAMPLES) };
}
