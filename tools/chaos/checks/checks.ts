/** The promises, one check each: what clients were told against what DynamoDB holds. */
import type { Evidence } from '../evidence/evidence.js';
import { accounted, lost, repeatersServed, somethingWasAccepted, wellAgain } from './accounts.js';
import { bareModel, ownText } from './answers.js';
import type { Check, CheckResult } from './check.js';
import { finalStates, oneAnswer, sameKey, storedOnce } from './once.js';
import { failures, felt, recovery, ranToItsEnd, resent } from './limits.js';

const CHECKS: readonly Check[] = [
  somethingWasAccepted,
  accounted,
  lost,
  oneAnswer,
  finalStates,
  bareModel,
  ownText,
  storedOnce,
  sameKey,
  repeatersServed,
  failures,
  recovery,
  felt,
  resent,
  wellAgain,
  ranToItsEnd,
];

export function runChecks(evidence: Evidence): readonly CheckResult[] {
  return CHECKS.flatMap((check) => check(evidence));
}
