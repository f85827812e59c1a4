/** Sorts failed calls: whether the stack is away, is asked too much, or will refuse it again and again. */
import {
  STORAGE_ERRORS,
  type RefusalKind,
  type StackCall,
  type StackRefusal,
} from '../../contracts/errors/stack-refusal.js';

/** Errors do not say which call they come from: the observer notes it here. */
const calls = new WeakMap<Error, StackCall>();

export function recordCallOf(error: unknown, call: StackCall): void {
  if (error instanceof Error) calls.set(error, call);
}

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'SlowDown',
  'OverLimit',
]);

/** A key's service is asked too much; SQS and DynamoDB write its errors each in their own way. */
const KEY_THROTTLED = /^KMS\.?(Throttl(ed|ing)|RequestLimitExceeded|LimitExceeded)(Exception)?$/i;

const KINDS: Readonly<Record<RefusalKind, RegExp>> = {
  access_denied:
    /^AccessDenied(Exception)?$|^(OptInRequired|NotAuthorized|UnauthorizedOperation)(Exception)?$|^KMS\.?(KMS)?(AccessDenied|Disabled|NotFound|OptInRequired|Invalid\w+|Incorrect\w+|Unsupported\w+)(Exception)?$/i,
  credentials_rejected:
    /^(CredentialsProviderError|TokenProviderError|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature(Exception)?|MissingAuthenticationToken(Exception)?|ExpiredToken(Exception)?|RequestExpired|AuthFailure|InvalidSecurity)$/,
  resource_not_found:
    /^(ResourceNotFoundException|TableNotFoundException|QueueDoesNotExist|(AWS\.SimpleQueueService\.)?NonExistentQueue)$/,
  storage_full: new RegExp(`^${STORAGE_ERRORS.storage_full}$`),
  storage_failed: new RegExp(`^${STORAGE_ERRORS.storage_failed}$`),
};

export function isThrottled(error: unknown): boolean {
  return error instanceof Error && (THROTTLED.has(error.name) || KEY_THROTTLED.test(error.name));
}

/** @returns `undefined` for an error after which the same call may succeed */
export function refusalOf(error: unknown): StackRefusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const kind = kindOf(error.name);
  if (kind === undefined) return undefined;
  const call = calls.get(error) ?? { service: 'aws', action: 'call', resource: '' };
  return { ...call, ...namedIn(error.message, call), kind, error: error.name };
}

function kindOf(name: string): RefusalKind | undefined {
  const kinds = Object.keys(KINDS) as RefusalKind[];
  return kinds.find((kind) => KINDS[kind].test(name));
}

/**
 * AWS names action and resource itself, and they may be others than those of the call: a key that encrypts the table, an
 * index of it. SQS writes actions in small letters.
 */
function namedIn(message: string, call: StackCall): Partial<StackCall> {
  const match =
    /not authorized to perform:? ([\w-]+):(\w+)(?: on (?:the )?resource:? "?(arn:[^\s"]+))?/i.exec(message);
  const [, service = '', action = '', arn] = match ?? [];
  if (match === null) return {};
  const isSame = `${service}:${action}`.toLowerCase() === `${call.service}:${call.action}`.toLowerCase();
  const resource = arn === undefined ? undefined : resourceOfArn(arn);
  return {
    ...(isSame ? {} : { service, action, resource: '' }),
    ...(resource === undefined ? {} : { resource }),
  };
}

/** Without partition, region and account. */
function resourceOfArn(arn: string): string {
  const [, , service, , , ...rest] = arn.split(':');
  const name = rest.join(':');
  return service === 'sqs' ? `queue/${name}` : name;
}
