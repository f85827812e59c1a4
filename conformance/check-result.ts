/** The result of a check of a stack. */
export interface CheckResult {
  readonly name: string;
  /** `differs`: not as AWS does, and the product copes. */
  readonly verdict: 'passed' | 'differs' | 'failed';
  readonly durationMs: number;
  readonly why?: string;
  /** How the product copes. */
  readonly instead?: string;
  readonly note?: string;
}

const WORDS = { passed: 'ok     ', differs: 'differs', failed: 'FAILED ' } as const;

export function printCheck({ name, verdict, durationMs, why, instead, note }: CheckResult): string {
  const seen = note === undefined ? '' : ` (${note})`;
  const because = why === undefined ? '' : `\n          ${why}`;
  const coped = verdict === 'differs' && instead !== undefined ? `\n          instead: ${instead}` : '';
  return `${WORDS[verdict]}  ${name}${seen}  ${Math.round(durationMs)} ms${because}${coped}`;
}

export function countOf(checks: readonly CheckResult[], verdict: CheckResult['verdict']): number {
  return checks.filter((check) => check.verdict === verdict).length;
}
