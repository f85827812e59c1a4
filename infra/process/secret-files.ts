/**
 * Secrets out of files, as containers and tools of this field have it: `API_KEY_FILE` names the file that holds what
 * `API_KEY` would. A file is seen by its owner alone; a command line by everybody.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SettingsError } from '../../contracts/errors/errors.js';
import type { Environment } from '../../contracts/settings/settings.js';
import { messageOf } from '../../contracts/common/text.js';

const SECRETS = ['API_KEY', 'WORKER_TOKEN', 'STACK_ACCESS_KEY_ID', 'CONTROL_TOKEN'] as const;
/** Nobody but our own processes needs to know these, so whichever of them comes first makes them. */
const GENERATED_SECRETS = new Set<string>(['WORKER_TOKEN', 'CONTROL_TOKEN']);
const OWNER_ONLY = 0o600;

/** A secret that is set itself is not looked for in a file. @throws SettingsError where a file holds none */
export function withSecretFiles(environment: Environment): Environment {
  const found: Record<string, string | undefined> = { ...environment };
  for (const name of SECRETS) {
    const setting = `${name}_FILE`;
    const path = environment[setting];
    if (path === undefined || path === '') continue;
    found[setting] = undefined; // a child is given the secret itself, or none
    if ((environment[name] ?? '') === '')
      found[name] = readSecret(setting, path, GENERATED_SECRETS.has(name));
  }
  return found;
}

function readSecret(setting: string, path: string, makesIt: boolean): string {
  try {
    if (makesIt) makeSecret(path);
    const secret = readFileSync(path, 'utf8').trim();
    if (secret !== '') return secret;
  } catch (error) {
    throw new SettingsError(`${setting}=${path} cannot be used: ${messageOf(error)}`, { cause: error });
  }
  throw new SettingsError(`${setting}=${path} cannot be used: expected a file that holds the secret`);
}

/** Whole or not at all, and once: of several processes that start together, one wins and all read the same. */
function makeSecret(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(beside, `${randomBytes(24).toString('base64url')}\n`, { mode: OWNER_ONLY, flag: 'wx' });
    linkSync(beside, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST') && !isCode(error, 'EROFS') && !isCode(error, 'EACCES')) throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
