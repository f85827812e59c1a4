/** Explains why waiting for AWS at the start is pointless, in words for the person who started. */
import { SettingsError, StackRefusedError } from '../../contracts/errors/errors.js';
import { messageOf } from '../../contracts/common/text.js';
import type { ClientOptions } from './clients.js';

type Target = Pick<ClientOptions, 'endpointSqs' | 'endpointDynamodb' | 'region' | 'live'>;

/** @returns `undefined` for a stack that may be there later */
export function startRefusal(error: unknown, target: Target): SettingsError | undefined {
  if (error instanceof StackRefusedError && error.refusal.kind === 'credentials_rejected')
    return new SettingsError(credentialsSentence(error));
  const isOfAws = target.live && (target.endpointSqs === undefined || target.endpointDynamodb === undefined);
  if (isOfAws && hasCode(error, 'ENOTFOUND')) {
    const message = `AWS has no such address: is AWS_REGION=${target.region} a region? (${messageOf(error)})`;
    return new SettingsError(message);
  }
  return undefined;
}

function credentialsSentence(error: StackRefusedError): string {
  const { error: name } = error.refusal;
  if (!/Provider/.test(name))
    return `the stack does not accept the credentials (${name}): ${messageOf(error)}`;
  return (
    'no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a ' +
    `role provides them (${messageOf(error)})`
  );
}

function hasCode(error: unknown, code: string): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === code) || hasCode(error.cause, code);
}
