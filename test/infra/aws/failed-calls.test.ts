import { describe, expect, it } from 'vitest';
import {
  SettingsError,
  StackRefusedError,
  StackThrottledError,
  StackUnavailableError,
} from '../../../contracts/errors/errors.js';
import { describeRefusal } from '../../../contracts/errors/stack-refusal.js';
import { recordCallOf } from '../../../infra/aws/failed-calls.js';
import { stackError } from '../../../infra/aws/stack-calls.js';
import { startRefusal } from '../../../infra/aws/start-refusal.js';

const UPDATE = { service: 'dynamodb', action: 'UpdateItem', resource: 'table/batches' };
const SEND = { service: 'sqs', action: 'SendMessage', resource: 'queue/batches' };

function failed(name: string, message = 'no', call = UPDATE): Error {
  const error = Object.assign(new Error(message), { name });
  recordCallOf(error, call);
  return stackError(call.action, error);
}

const saidOf = (error: Error) =>
  error instanceof StackRefusedError ? describeRefusal(error.refusal) : undefined;

describe('a failed call', () => {
  it.each([
    ['AccessDeniedException', 'access_denied'],
    ['AccessDenied', 'access_denied'],
    ['KMSAccessDeniedException', 'access_denied'],
    ['KMS.AccessDeniedException', 'access_denied'],
    ['KmsAccessDenied', 'access_denied'],
    ['KmsDisabled', 'access_denied'],
    ['KmsInvalidState', 'access_denied'],
    ['KMSInvalidStateException', 'access_denied'],
    ['KMS.DisabledException', 'access_denied'],
    ['KMS.NotFoundException', 'access_denied'],
    ['UnrecognizedClientException', 'credentials_rejected'],
    ['InvalidSignatureException', 'credentials_rejected'],
    ['SignatureDoesNotMatch', 'credentials_rejected'],
    ['InvalidClientTokenId', 'credentials_rejected'],
    ['ExpiredTokenException', 'credentials_rejected'],
    ['ExpiredToken', 'credentials_rejected'],
    ['CredentialsProviderError', 'credentials_rejected'],
    ['ResourceNotFoundException', 'resource_not_found'],
    ['QueueDoesNotExist', 'resource_not_found'],
    ['AWS.SimpleQueueService.NonExistentQueue', 'resource_not_found'],
  ])('by %s is refused until somebody changes something', (name, kind) => {
    const error = failed(name);
    expect(error).toBeInstanceOf(StackUnavailableError);
    expect(error).toMatchObject({ code: 'stack_unavailable', refusal: { ...UPDATE, kind, error: name } });
  });

  it.each([
    'ThrottlingException',
    'RequestThrottled',
    'KmsThrottled',
    'KMS.ThrottlingException',
    'KMSThrottlingException',
    'KMS.LimitExceededException',
    'OverLimit',
  ])('by %s is throttled', (name) => {
    expect(failed(name)).toBeInstanceOf(StackThrottledError);
  });

  it.each([
    'InternalServerError',
    'TimeoutError',
    'Error',
    'KMSInternalException',
    'KMS.KMSInternalException',
    'KMS.DependencyTimeoutException',
    'KMS.KeyUnavailableException',
  ])('by %s may succeed another time', (name) => {
    expect(failed(name)).toBeInstanceOf(StackUnavailableError);
    expect(failed(name)).not.toBeInstanceOf(StackRefusedError);
  });

  it('names what AWS names, without the account', () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: dynamodb:UpdateItem on resource: ' +
      'arn:aws:dynamodb:eu-central-1:123456789012:table/batches/index/open because no identity-based policy allows it';
    expect(saidOf(failed('AccessDeniedException', message))).toBe(
      'dynamodb:UpdateItem on table/batches/index/open: access is denied (AccessDeniedException)',
    );
  });

  it('names the key where the key is what was refused', () => {
    const message =
      'User: arn:aws:iam::123456789012:user/x is not authorized to perform: kms:Decrypt on resource: ' +
      'arn:aws:kms:eu-central-1:123456789012:key/1234-abcd';
    expect(saidOf(failed('AccessDeniedException', message))).toBe(
      'kms:Decrypt on key/1234-abcd: access is denied (AccessDeniedException)',
    );
  });

  it('keeps the names of the call where a queue writes them small, or says nothing', () => {
    const message =
      'User: x is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:eu-central-1:123456789012:batches';
    const said = 'sqs:SendMessage on queue/batches: access is denied (AccessDenied)';
    expect(saidOf(failed('AccessDenied', message, SEND))).toBe(said);
    const old = 'Access to the resource https://sqs.eu-central-1.amazonaws.com/ is denied.';
    expect(saidOf(failed('AccessDenied', old, SEND))).toBe(said);
  });
});

describe('a start', () => {
  const aws = { region: 'eu-nowhere-9', live: true };
  const local = {
    region: 'x',
    live: false,
    endpointSqs: 'http://localstack',
    endpointDynamodb: 'http://localstack',
  };
  const notFound = new StackUnavailableError(
    'DescribeTable',
    Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }),
  );

  it('does not wait for credentials that nobody has, and says what to set', () => {
    const refusal = startRefusal(failed('CredentialsProviderError', 'Could not load credentials'), aws);
    expect(refusal).toBeInstanceOf(SettingsError);
    expect(refusal?.message).toMatch(/AWS_ACCESS_KEY_ID.*AWS_SECRET_ACCESS_KEY.*AWS_PROFILE.*role/);
  });

  it('does not wait for those that are not accepted', () => {
    expect(startRefusal(failed('UnrecognizedClientException'), aws)?.message).toMatch(/UnrecognizedClient/);
  });

  it('does not wait for a region that is none, but for a container that has no name yet', () => {
    expect(startRefusal(notFound, aws)?.message).toMatch(/AWS_REGION=eu-nowhere-9/);
    expect(startRefusal(notFound, local)).toBeUndefined();
  });

  it('waits for a policy that may take a while, and for what does not answer', () => {
    expect(startRefusal(failed('AccessDeniedException'), aws)).toBeUndefined();
    expect(startRefusal(failed('TimeoutError'), aws)).toBeUndefined();
  });
});
