/**
 * Recognizes calls of SQS or DynamoDB among all requests, in their JSON protocols. Nothing else reaches the engines behind the
 * port: they serve more than we use (topics, buckets, pages, forms), and some of it a web page can send without asking.
 */
import type { IncomingMessage } from 'node:http';
import type { SecretCheck } from '../../contracts/http/bearer.js';
import { accessKeyIdOf } from '../../contracts/settings/stack-access.js';

export type AwsService = 'sqs' | 'dynamodb';

export interface AwsRefusal {
  readonly status: 400 | 403 | 404 | 405 | 415;
  /** As AWS calls it. */
  readonly type: string;
  readonly message: string;
}

export const JSON_PROTOCOL = 'application/x-amz-json-1.0';
const ANY_JSON_PROTOCOL = /^application\/x-amz-json-1\.[01]\s*(;|$)/i;

/** @param isAccessKey where callers must name one */
export function readAwsRequest(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  isAccessKey: SecretCheck | undefined,
): AwsService | AwsRefusal {
  const { method, url, headers } = request;
  if (url !== '/') return refusal(404, 'UnknownOperationException', 'only POST / is served here');
  if (method !== 'POST') return refusal(405, 'UnknownOperationException', 'only POST / is served here');
  if (!ANY_JSON_PROTOCOL.test(headers['content-type'] ?? '')) {
    return refusal(415, 'UnsupportedMediaTypeException', `expected ${JSON_PROTOCOL}`);
  }
  const service = serviceOf(headers['x-amz-target']);
  if (service === undefined) {
    return refusal(400, 'UnknownOperationException', 'expected an X-Amz-Target of SQS or DynamoDB');
  }
  if (isAccessKey !== undefined && !isAccessKey(accessKeyIdOf(headers.authorization))) {
    return refusal(
      403,
      'UnrecognizedClientException',
      'the access key is not that of this run: stackAccessKeyId in supervisor.json of the data folder',
    );
  }
  return service;
}

function serviceOf(target: string | string[] | undefined): AwsService | undefined {
  if (typeof target !== 'string') return undefined;
  if (/^AmazonSQS\.[A-Za-z]+$/.test(target)) return 'sqs';
  return /^DynamoDB_20120810\.[A-Za-z]+$/.test(target) ? 'dynamodb' : undefined;
}

function refusal(status: AwsRefusal['status'], type: string, message: string): AwsRefusal {
  return { status, type, message };
}
