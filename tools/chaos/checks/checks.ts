/** The promises, one check each: what clients were told against what DynamoDB holds. */
import type { Evidence } from '../evidence/evidence.js';
import {
  acceptedTasksAccountedFor,
  noTaskLost,
  repeatedRequestsAnswered,
  somethingWasAccepted,
  healthyAfterHeal,
} from './accounts.js';
import { answersMatchBareModel, storedTextMatches } from './answers.js';
import type { Check, CheckResult } from './check.js';
import { finalStatesUnchanged, oneAnswerPerTask, sameKeySameTasks, storedOnce } from './once.js';
import { failureLimit, faultsObserved, recoveryLimit, ranToCompletion, resendLimit } from './limits.js';

const CHECKS: readonly Check[] = [
  somethingWasAccepted,
  acceptedTasksAccountedFor,
  noTaskLost,
  oneAnswerPerTask,
  finalStatesUnchanged,
  answersMatchBareModel,
  storedTextMatches,
  storedOnce,
  sameKeySameTasks,
  repeatedRequestsAnswered,
  failureLimit,
  recoveryLimit,
  faultsObserved,
  resendLimit,
  healthyAfterHeal,
  ranToCompletion,
];

export function runChecks(evidence: Evidence): readonly CheckResult[] {
  return CHECKS.flatMap((check) => check(evidence));
}
