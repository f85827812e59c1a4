/**
 * The default timeouts of `npm start`: someone who tries the system should see a failed request return within seconds. If only
 * one of them is set, the other follows it, so that a slot is free before its message returns.
 */
import { readSettings, type Environment } from '../contracts/settings/settings.js';
import { WORK_SECTION } from '../contracts/settings/work-settings.js';

const VISIBILITY_TIMEOUT_SECONDS = Number(WORK_SECTION.VISIBILITY_TIMEOUT_SECONDS.startDefault);
const INVOKE_TIMEOUT_MS = Number(WORK_SECTION.INVOKE_TIMEOUT_MS.startDefault);
/** The invoke timeout as a share of the visibility timeout. */
const INVOKE_SHARE = INVOKE_TIMEOUT_MS / (VISIBILITY_TIMEOUT_SECONDS * 1000);

export type DefaultTimeouts = Readonly<Record<'VISIBILITY_TIMEOUT_SECONDS' | 'INVOKE_TIMEOUT_MS', string>>;

/** @throws SettingsError */
export function defaultTimeouts(given: Environment): DefaultTimeouts {
  const settings = readSettings(
    {
      VISIBILITY_TIMEOUT_SECONDS: WORK_SECTION.VISIBILITY_TIMEOUT_SECONDS.schemas.supervisor,
      INVOKE_TIMEOUT_MS: WORK_SECTION.INVOKE_TIMEOUT_MS.schemas.supervisor,
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
