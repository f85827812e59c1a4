/**
 * Removes what a call to a stack on this machine does not need. Signing, the user agent, tracing and logging take about 40 %
 * of the CPU of a call, and nothing on this machine looks at them. Calls that are not signed cannot reach real AWS
 * by mistake either.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Local stacks take the account from the key: this one is LocalStack's 000000000000. */
export const LOCAL_CREDENTIALS: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The credentials of an embedded stack that wants a secret of its run as access key; others take any. */
export function localCredentials(accessKeyId: string | undefined): Credentials | undefined {
  return accessKeyId === undefined ? undefined : { accessKeyId, secretAccessKey: accessKeyId };
}

interface SignableRequest {
  readonly headers: Record<string, string>;
}

/** Local stacks read key, region and service from the header, and check no signature. */
export function unsigned(service: 'sqs' | 'dynamodb', region: string, credentials: Credentials) {
  const scope = `${credentials.accessKeyId}/20260101/${region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  return {
    sign<Request extends SignableRequest>(request: Request): Promise<Request> {
      request.headers['authorization'] = authorization;
      request.headers['x-amz-date'] = '20260101T000000Z';
      return Promise.resolve(request);
    },
  };
}

const OPTIONAL_MIDDLEWARE = ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'];

export function withoutOptionalMiddleware<Client extends SQSClient | DynamoDBClient>(client: Client): Client {
  for (const name of OPTIONAL_MIDDLEWARE) client.middlewareStack.remove(name);
  return client;
}
