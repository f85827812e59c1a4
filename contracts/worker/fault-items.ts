/** One item of a fault list: `error=0.2`, `delay=100±50`, `late=0.1@5000`, `poison=WORD`, `loop=0.01`, `loop=WORD`. */
import type { ChanceKind, FaultKind, WordKind } from './fault-kinds.js';
import { wordField, type Delay, type FaultPlan } from './fault-plan.js';

/** A text that is no fault plan; the message says what was expected. */
export class FaultSyntaxError extends Error {
  override readonly name = 'FaultSyntaxError';
}

/** An hour: longer ones are typing errors. */
const MAX_MS = 3_600_000;

/** The plan with one more item in it. */
export function withItem(plan: FaultPlan, kind: FaultKind, value: string): FaultPlan {
  if (kind === 'delay') return withDelay(plan, value);
  if (kind === 'late') return withLate(plan, value);
  if (kind === 'poison') return withWord(plan, kind, value);
  if (kind === 'loop' || kind === 'oom') return withChanceOrWord(plan, kind, value);
  return withChance(plan, kind, value);
}

/** The value as one would write it, or nothing where the plan lacks this kind. */
export function printItem(plan: FaultPlan, kind: FaultKind): string | undefined {
  if (kind === 'delay') return plan.delay && printDelay(plan.delay);
  if (kind === 'late') return printLate(plan);
  if (kind === 'poison') return plan.poison;
  if (kind === 'loop' || kind === 'oom') return plan[wordField(kind)] ?? plan.chances[kind]?.toString();
  return plan.chances[kind]?.toString();
}

function withChance(plan: FaultPlan, kind: ChanceKind, value: string): FaultPlan {
  const chance = parseNumber(value, 1);
  if (chance === undefined) {
    throw new FaultSyntaxError(`${kind}=${value}: expected a probability from 0 to 1`);
  }
  return chance === 0 ? plan : { ...plan, chances: { ...plan.chances, [kind]: chance } };
}

function withLate(plan: FaultPlan, value: string): FaultPlan {
  const [chance = '', ms] = value.split(/\s*@\s*(.*)/, 2);
  const withItsChance = withChance(plan, 'late', chance);
  if (ms === undefined) return withItsChance;
  const lateMs = parseNumber(ms, MAX_MS);
  if (lateMs === undefined) {
    throw new FaultSyntaxError(
      `late=${value}: expected a probability, or one and milliseconds: late=0.1@5000`,
    );
  }
  return withItsChance.chances.late === undefined ? plan : { ...withItsChance, lateMs };
}

function withDelay(plan: FaultPlan, value: string): FaultPlan {
  const [mean = '', spread = '0', ...rest] = value.split(/\s*(?:±|\+-)\s*/);
  const meanMs = parseNumber(mean, MAX_MS);
  const spreadMs = parseNumber(spread, MAX_MS);
  if (meanMs === undefined || spreadMs === undefined || rest.length > 0) {
    throw new FaultSyntaxError(`delay=${value}: expected milliseconds, such as 100 or 100±50 (or 100+-50)`);
  }
  return meanMs === 0 && spreadMs === 0 ? plan : { ...plan, delay: { meanMs, spreadMs } };
}

function withWord(plan: FaultPlan, kind: WordKind, word: string): FaultPlan {
  if (word === '') throw new FaultSyntaxError(`${kind}= needs a word`);
  return { ...plan, [wordField(kind)]: word };
}

/** A value that is no number is a word. */
function withChanceOrWord(plan: FaultPlan, kind: WordKind & ChanceKind, value: string): FaultPlan {
  if (value === '') throw new FaultSyntaxError(`${kind}= needs a probability or a word`);
  return Number.isNaN(Number(value)) ? withWord(plan, kind, value) : withChance(plan, kind, value);
}

function parseNumber(text: string, max: number): number | undefined {
  const value = /^(?:\d+\.?\d*|\.\d+)(?:e-\d+)?$/.test(text) ? Number(text) : NaN;
  return value <= max ? value : undefined;
}

function printDelay({ meanMs, spreadMs }: Delay): string {
  return spreadMs === 0 ? `${meanMs}` : `${meanMs}±${spreadMs}`;
}

function printLate({ chances, lateMs }: FaultPlan): string | undefined {
  if (chances.late === undefined) return undefined;
  return lateMs === undefined ? `${chances.late}` : `${chances.late}@${lateMs}`;
}
