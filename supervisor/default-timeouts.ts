/**
 * How long an answer is waited for where nobody says: whoever tries the system out should see a failed request come back
 * within seconds. What is given has a say in what is not: a slot is free before its message comes back.
 */
import { readSettings, type Environment } from '../contracts/settings/settings.js';
import { invokeTimeoutMs, visibilityTimeoutSeconds } from '../contracts/settings/work-settings.js';

const VISIBILITY_TIMEOUT_SECONDS = 5;
const INVOKE_TIMEOUT_MS = 4000;
/** The invoke timeout as a share of the visibility timeout. */
const INVOKE_SHARE = INVOKE_TIMEOUT_MS / (VISIBILITY_TIMEOUT_SECONDS * 1000);

export type DefaultTimeouts = Readonly<Record<'VISIBILITY_TIMEOUT_SECONDS' | 'INVOKE_TIMEOUT_MS', string>>;

/** @throws SettingsError */
export function defaultTimeouts(given: Environment): DefaultTimeouts {
  const settings = readSettings(
    {
      VISIBILITY_TIMEOUT_SECONDS: visibilityTimeoutSeconds.optional(),
      INVOKE_TIMEOUT_MS: invokeTimeoutMs.optional(),
    },
    given,
  );
  const invokeMs = settings.INVOKE_TIMEOUT_MS;
  const seconds =
    settings.VISIBILITY_TIMEOUT_SECONDS ??
    Math.max(VISIBILITY_TIMEOUT_SECONDS, Math.ceil((invokeMs ?? 0) / INVOKE_SHARE / 1000));
  const upToMs = Math.round(seconds * 1000 * INVOKE_SHARE);
  return {
    VISIBILITY_TIMEOUT_SECONDS: String(seconds),
    INVOKE_TIMEOUT_MS: String(invokeMs ?? Math.min(INVOKE_TIMEOUT_MS, upToMs)),
  };
}
