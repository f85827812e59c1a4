/** A call that SQS or DynamoDB will refuse until somebody changes a policy, a key, a credential or a name, or makes room on its disk. */

export interface StackCall {
  /** As IAM names it: `sqs`, `dynamodb`; `kms` where a key is what was refused. */
  readonly service: string;
  /** As IAM names it, such as `UpdateItem`. */
  readonly action: string;
  /** `table/NAME`, `table/NAME/index/NAME`, `queue/NAME`, `key/ID`; empty where the call concerns none. */
  readonly resource: string;
}

export type RefusalKind = 'access_denied' | 'credentials_rejected' | 'resource_not_found' | StorageRefusal;

/** Refusals of the embedded stack: nothing can be written, whatever the call. */
export type StorageRefusal = 'storage_full' | 'storage_failed';

/** The names that the embedded stack gives them on the wire. */
export const STORAGE_ERRORS: Readonly<Record<StorageRefusal, string>> = {
  storage_full: 'StorageFullException',
  storage_failed: 'StorageFailedException',
};

export function isStorageRefusal(kind: RefusalKind): kind is StorageRefusal {
  return kind in STORAGE_ERRORS;
}

export interface StackRefusal extends StackCall {
  readonly kind: RefusalKind;
  /** The name that the stack or the SDK gives the error. */
  readonly error: string;
}

const SENTENCES: Readonly<Record<RefusalKind, string>> = {
  access_denied: 'access is denied',
  credentials_rejected: 'the credentials are missing or not accepted',
  resource_not_found: 'there is no such table or queue',
  storage_full: 'the stack cannot write: no space left on the disk',
  storage_failed: 'the stack cannot write: the disk fails',
};

/** `dynamodb:UpdateItem on table/batches: access is denied (AccessDeniedException)`; names no address and no account. */
export function describeRefusal({ service, action, resource, kind, error }: StackRefusal): string {
  if (isStorageRefusal(kind)) return SENTENCES[kind];
  const where = resource === '' ? '' : ` on ${resource}`;
  return `${service}:${action}${where}: ${SENTENCES[kind]} (${error})`;
}
