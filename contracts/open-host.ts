/** Whether a listener serves whoever reaches it: on this machine only, or with a key, it does not. */
import { SettingsError } from './errors.js';

/** Everybody on this machine only; binding wider needs a key. */
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export interface Openness {
  readonly HOST: string;
  readonly API_KEY?: string | undefined;
  readonly ALLOW_OPEN: '0' | '1';
}

/** @throws SettingsError where nobody said that it may */
export function servesAnybody({ HOST, API_KEY, ALLOW_OPEN }: Openness): boolean {
  if (API_KEY !== undefined || LOOPBACK.has(HOST)) return false;
  if (ALLOW_OPEN === '1') return true;
  throw new SettingsError(
    `HOST=${HOST} cannot be used: without API_KEY everybody who reaches it could use it; ` +
      'set API_KEY, or ALLOW_OPEN=1 if its port is published on loopback only',
  );
}
