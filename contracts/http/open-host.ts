/** Whether a listener serves whoever reaches it: on this machine only, or with a key, it does not. */
import { SettingsError } from '../errors/errors.js';
import { isLoopback } from './hosts.js';

export interface Openness {
  readonly host: string;
  readonly hostSetting: 'HOST' | 'STACK_HOST';
  readonly secret: string | undefined;
  readonly secretSetting: 'API_KEY' | 'STACK_ACCESS_KEY_ID';
  readonly allowOpen: boolean;
}

/** @throws SettingsError where nobody said that it may */
export function servesAnybody({ host, hostSetting, secret, secretSetting, allowOpen }: Openness): boolean {
  if (secret !== undefined || isLoopback(host)) return false;
  if (allowOpen) return true;
  throw new SettingsError(
    `${hostSetting}=${host} cannot be used: without ${secretSetting} everybody who reaches it could use it; ` +
      `set ${secretSetting}, or ALLOW_OPEN=1 if its port is published on loopback only`,
  );
}
