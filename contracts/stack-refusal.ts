/** A call that SQS or DynamoDB will refuse until somebody changes a policy, a key, a credential or a name. */

export interface StackCall {
  /** As IAM names it: `sqs`, `dynamodb`; `kms` where a key is what was refused. */
  readonly service: string;
  /** As IAM names it, such as `UpdateItem`. */
  readonly action: string;
  /** `table/NAME`, `table/NAME/index/NAME`, `queue/NAME`, `key/ID`; empty where the call concerns none. */
  readonly resource: string;
}

export type RefusalKind = 'access_denied' | 'credentials_rejected' | 'resource_not_found';

export interface StackRefusal extends StackCall {
  readonly kind: RefusalKind;
  /** The name that the stack or the SDK gives the error. */
  readonly error: string;
}

const SENTENCES: Readonly<Record<RefusalKind, string>> = {
  access_denied: 'access is denied',
  credentials_rejected: 'the credentials are missing or not accepted',
  resource_not_found: 'there is no such table or queue',
};

/** `dynamodb:UpdateItem on table/batches: access is denied (AccessDeniedException)`; names no address and no account. */
export function describeRefusal({ service, action, resource, kind, error }: StackRefusal): string {
  const where = resource === '' ? '' : ` on ${resource}`;
  return `${service}:${action}${where}: ${SENTENCES[kind]} (${error})`;
}
