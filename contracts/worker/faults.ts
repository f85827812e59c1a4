/**
 * The language of injected faults: a profile (`none`, `demo`, `storm`) or a list such as
 * `error=0.2,crash=0.05,delay=100±50,late=0.1@5000,poison=WORD,loop=WORD`.
 */
import { z } from 'zod';
import { FaultSyntaxError, printItem, withItem } from './fault-items.js';
import { ALL_KINDS, type FaultKind } from './fault-kinds.js';
import { FAULT_PROFILES, isFaultProfile, type FaultPlan } from './fault-plan.js';

export { FaultSyntaxError } from './fault-items.js';
export { CHANCE_KINDS, WORD_KINDS } from './fault-kinds.js';
export type { ChanceKind, FaultKind, WordKind } from './fault-kinds.js';
export { FAULT_PROFILES, wordField } from './fault-plan.js';
export type { FaultPlan, FaultProfile } from './fault-plan.js';

/** @throws FaultSyntaxError */
export function parseFaults(text: string): FaultPlan {
  const trimmed = text.trim();
  if (isFaultProfile(trimmed)) return FAULT_PROFILES[trimmed];
  let plan: FaultPlan = FAULT_PROFILES.none;
  const seen = new Set<FaultKind>();
  for (const { kind, value } of trimmed.split(',').map(splitItem)) {
    if (seen.has(kind)) throw new FaultSyntaxError(`${kind} is given twice`);
    seen.add(kind);
    plan = withItem(plan, kind, value);
  }
  refuseImpossibleChances(plan);
  return plan;
}

/** The canonical text: the profile's name where the plan is a profile, else the list. */
export function printFaults(plan: FaultPlan): string {
  const list = listFaults(plan);
  const profiles = Object.entries(FAULT_PROFILES);
  return profiles.find(([, profile]) => listFaults(profile) === list)?.[0] ?? list;
}

/** The list, even where the plan is a profile; `none` where there is nothing to list. */
export function listFaults(plan: FaultPlan): string {
  const items = ALL_KINDS.flatMap((kind) => {
    const value = printItem(plan, kind);
    return value === undefined ? [] : [`${kind}=${value}`];
  });
  return items.length === 0 ? 'none' : items.join(',');
}

const MAX_PLAN_LENGTH = 2000;

/** A fault plan as settings and requests carry it. */
export const faultsText = z
  .string('expected a fault plan')
  .max(MAX_PLAN_LENGTH, `expected a fault plan of at most ${MAX_PLAN_LENGTH} characters`)
  .transform((text, context): FaultPlan => {
    try {
      return parseFaults(text);
    } catch (error) {
      if (!(error instanceof FaultSyntaxError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

/** An hour, and more invokes than anybody waits for: larger ones are typing errors. */
const MAX_MS = 3_600_000;
const MAX_INVOKES = 1_000_000;

const EXPECTED_MS = 'expected a duration from a millisecond to an hour';
const EXPECTED_COUNT = `expected a whole number of invokes from 1 to ${MAX_INVOKES}`;

/** With a limit a plan passes, and the one before it is in force again. */
export const faultLimitsSchema = z.strictObject({
  /** It is over after so many milliseconds. */
  forMs: z.int(EXPECTED_MS).min(1, EXPECTED_MS).max(MAX_MS, EXPECTED_MS).optional(),
  /** It is over after so many invokes, each of which meets one of its kinds for sure. */
  count: z.int(EXPECTED_COUNT).min(1, EXPECTED_COUNT).max(MAX_INVOKES, EXPECTED_COUNT).optional(),
});

export type FaultLimits = Readonly<z.infer<typeof faultLimitsSchema>>;

/** The body of `PUT /faults`. */
export const putFaultsSchema = faultLimitsSchema.extend({ faults: faultsText });

export type PutFaults = z.input<typeof putFaultsSchema>;

/** A plan with what is left of its limits. */
export const faultsLeftSchema = z.object({
  /** As one writes it: a profile's name or a list. */
  faults: z.string(),
  countLeft: z.int().nonnegative().optional(),
  leftMs: z.number().nonnegative().optional(),
});

/** The answer of `/faults`: the plan in force, and those that come back after it. */
export const faultsViewSchema = faultsLeftSchema.extend({
  workerId: z.string(),
  /** The plan in force as a list, even where it is a profile. */
  list: z.string(),
  beneath: z.array(faultsLeftSchema),
});

export type FaultsLeft = z.infer<typeof faultsLeftSchema>;
export type FaultsView = z.infer<typeof faultsViewSchema>;

const PROFILE_NAMES = Object.keys(FAULT_PROFILES).join(', ');
const EXPECTED = `expected ${PROFILE_NAMES}, or a list such as error=0.2,delay=100±50 of ${ALL_KINDS.join(', ')}`;
/** Sums such as 0.7 + 0.2 + 0.1 miss 1 by a hair. */
const ROUNDING = 1e-9;

function splitItem(item: string): { kind: FaultKind; value: string } {
  const [, name, value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/s.exec(item) ?? [];
  const kind = ALL_KINDS.find((known) => known === name);
  if (kind === undefined) throw new FaultSyntaxError(`"${name ?? item}" is no fault; ${EXPECTED}`);
  return { kind, value };
}

function refuseImpossibleChances({ chances }: FaultPlan): void {
  const sum = Object.values(chances).reduce((total, chance) => total + chance, 0);
  if (sum <= 1 + ROUNDING) return;
  throw new FaultSyntaxError(
    `the probabilities add up to ${Number(sum.toFixed(6))}; an invoke meets one fault, so at most 1 is possible`,
  );
}
