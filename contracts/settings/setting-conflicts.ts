/** Settings that can be used each by itself, but not together: refused at the start, or warned of. All of them, here. */
import { SettingsError } from '../errors/errors.js';
import { MAX_TEXTS } from '../http/api.js';
import { keyRetentionHours, messageRetentionSeconds } from './work-settings.js';

export interface RelatedSettings {
  readonly TASK_RETENTION_HOURS: number;
  readonly KEY_RETENTION_HOURS?: number | undefined;
  readonly VISIBILITY_TIMEOUT_SECONDS: number;
  readonly INVOKE_TIMEOUT_MS: number;
  readonly MAX_RECEIVE_COUNT: number;
  readonly MAX_OUTSTANDING_TASKS: number;
}

/** Batches are split into single tasks after two failed deliveries (a worker's death aside), so the third is the first that isolates a text. */
const ISOLATING_DELIVERY = 3;

/** @throws SettingsError naming both. @returns what works, but hardly as meant, in sentences */
export function checkTogether(settings: RelatedSettings): readonly string[] {
  refuseKeysThatOutliveTasks(settings);
  refuseLeasesThatOutliveMessages(settings);
  return [
    ...slotsHeldTooLong(settings),
    ...unreachedDeadLetters(settings),
    ...lostNeighbors(settings),
    ...refusedLists(settings),
  ];
}

function refuseKeysThatOutliveTasks(settings: RelatedSettings): void {
  const { TASK_RETENTION_HOURS } = settings;
  const keyHours = keyRetentionHours(settings);
  if (keyHours <= TASK_RETENTION_HOURS) return;
  throw new SettingsError(
    `KEY_RETENTION_HOURS=${keyHours} cannot be used with TASK_RETENTION_HOURS=${TASK_RETENTION_HOURS}: ` +
      'a key that is kept longer than its tasks would answer with tasks that are gone; expected at most the same',
  );
}

function refuseLeasesThatOutliveMessages(settings: RelatedSettings): void {
  const { VISIBILITY_TIMEOUT_SECONDS, TASK_RETENTION_HOURS } = settings;
  if (VISIBILITY_TIMEOUT_SECONDS < messageRetentionSeconds(TASK_RETENTION_HOURS)) return;
  throw new SettingsError(
    `VISIBILITY_TIMEOUT_SECONDS=${VISIBILITY_TIMEOUT_SECONDS} cannot be used with TASK_RETENTION_HOURS=${TASK_RETENTION_HOURS}: ` +
      'messages are kept as long as tasks, so a failed delivery would never come back; expected less than that',
  );
}

function slotsHeldTooLong({ INVOKE_TIMEOUT_MS, VISIBILITY_TIMEOUT_SECONDS }: RelatedSettings): string[] {
  if (INVOKE_TIMEOUT_MS < VISIBILITY_TIMEOUT_SECONDS * 1000) return [];
  return [
    `INVOKE_TIMEOUT_MS=${INVOKE_TIMEOUT_MS} is not below VISIBILITY_TIMEOUT_SECONDS=${VISIBILITY_TIMEOUT_SECONDS}: what hangs keeps ` +
      'its slot, and its message from coming back, longer than that',
  ];
}

function unreachedDeadLetters(settings: RelatedSettings): string[] {
  const { MAX_RECEIVE_COUNT, VISIBILITY_TIMEOUT_SECONDS, TASK_RETENTION_HOURS } = settings;
  if (MAX_RECEIVE_COUNT * VISIBILITY_TIMEOUT_SECONDS <= messageRetentionSeconds(TASK_RETENTION_HOURS))
    return [];
  return [
    `MAX_RECEIVE_COUNT=${MAX_RECEIVE_COUNT} deliveries of VISIBILITY_TIMEOUT_SECONDS=${VISIBILITY_TIMEOUT_SECONDS} take longer ` +
      `than TASK_RETENTION_HOURS=${TASK_RETENTION_HOURS}: a task may be forgotten before it is given up`,
  ];
}

function lostNeighbors({ MAX_RECEIVE_COUNT }: RelatedSettings): string[] {
  if (MAX_RECEIVE_COUNT >= ISOLATING_DELIVERY) return [];
  return [
    `MAX_RECEIVE_COUNT=${MAX_RECEIVE_COUNT}: one bad text fails its whole batch, which is tried one by one from delivery ${ISOLATING_DELIVERY} on`,
  ];
}

function refusedLists({ MAX_OUTSTANDING_TASKS }: RelatedSettings): string[] {
  if (MAX_OUTSTANDING_TASKS >= MAX_TEXTS) return [];
  return [
    `MAX_OUTSTANDING_TASKS=${MAX_OUTSTANDING_TASKS}: a request with more texts than that is always refused (up to ${MAX_TEXTS} are allowed)`,
  ];
}
