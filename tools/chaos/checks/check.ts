/** A check compares the evidence of a run with one promise. */
import type { Evidence } from '../evidence/evidence.js';

export interface CheckResult {
  readonly name: string;
  readonly held: boolean;
  /** The finding, in a sentence. */
  readonly finding: string;
  /** A few of what should not be. */
  readonly examples: readonly string[];
}

export type Check = (evidence: Evidence) => CheckResult | readonly CheckResult[];

const EXAMPLES = 5;

/** Held where nothing was found that should not be. */
export function noneOf(name: string, violations: readonly string[], finding: string): CheckResult {
  return { name, held: violations.length === 0, finding, examples: violations.slice(0, EXAMPLES) };
}
