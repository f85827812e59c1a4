/** The clients of SQS and DynamoDB. Local unless told otherwise: real AWS takes an explicit opt-in. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { SettingsError } from '../../contracts/errors/errors.js';
import type { StackCallObserver } from '../../contracts/stack/stack-calls.js';
import { ensureHomeFolder } from '../process/home-folder.js';
import { LOCAL_CREDENTIALS, unsigned, withoutOptionalMiddleware, type Credentials } from './local-calls.js';
import { observeCalls } from './observe-calls.js';
import { isRealAws } from './real-aws.js';

export interface ClientOptions {
  readonly endpointSqs?: string | undefined;
  readonly endpointDynamodb?: string | undefined;
  readonly region: string;
  /** `BOOMERANG_AWS=live`: calls are signed, and without an endpoint they go to real AWS. */
  readonly live: boolean;
  /** Where absent: of a local stack, or, live, whatever the SDK finds. */
  readonly credentials?: Credentials | undefined;
  /** Told of every call. */
  readonly observer?: StackCallObserver | undefined;
}

export interface Clients {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  close(): void;
}

/** Beyond what SQS itself waits in a long poll. */
export const REQUEST_TIMEOUT_MS = 5000;
const CONNECTION_TIMEOUT_MS = 2000;
const MAX_SOCKETS = 64;
const LOCAL_ATTEMPTS = 2;
const LIVE_ATTEMPTS = 3;

/** @throws SettingsError where an endpoint is missing and nobody asked for real AWS. */
export function createClients(options: ClientOptions): Clients {
  ensureHomeFolder();
  const { endpointSqs, endpointDynamodb } = options;
  const clients = options.live
    ? liveClients(options)
    : localClients(
        required(endpointSqs, 'SQS', 'AWS_ENDPOINT_URL_SQS'),
        required(endpointDynamodb, 'DynamoDB', 'AWS_ENDPOINT_URL_DYNAMODB'),
        options,
      );
  observeCalls(clients.sqs, 'sqs', options.observer);
  observeCalls(clients.dynamodb, 'dynamodb', options.observer);
  return { ...clients, close: () => [clients.sqs, clients.dynamodb].forEach((client) => client.destroy()) };
}

function required(endpoint: string | undefined, service: string, variable: string): string {
  if (endpoint !== undefined) {
    if (!isRealAws(new URL(endpoint).hostname)) return endpoint;
    throw new SettingsError(`${variable}=${endpoint} is real AWS: set BOOMERANG_AWS=live to use it`);
  }
  throw new SettingsError(
    `No endpoint is set for ${service}: set AWS_ENDPOINT_URL (or ${variable}), such as http://127.0.0.1:4566, ` +
      'or BOOMERANG_AWS=live to use real AWS',
  );
}

function localClients(endpointSqs: string, endpointDynamodb: string, { region, credentials }: ClientOptions) {
  const known = credentials ?? LOCAL_CREDENTIALS;
  // Everything is said here, so that the SDK looks for nothing in the environment or the home folder.
  const local = {
    ...sharedOptions(region, LOCAL_ATTEMPTS),
    credentials: known,
    defaultsMode: 'standard' as const,
    retryMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: [],
    disableClockSkewCorrection: true,
    userAgentAppId: '',
  };
  return {
    sqs: withoutOptionalMiddleware(
      new SQSClient({
        ...local,
        endpoint: endpointSqs,
        signer: unsigned('sqs', region, known),
        useQueueUrlAsEndpoint: false,
        md5: false,
      }),
    ),
    dynamodb: withoutOptionalMiddleware(
      new DynamoDBClient({
        ...local,
        endpoint: endpointDynamodb,
        signer: unsigned('dynamodb', region, known),
        accountIdEndpointMode: 'disabled',
        endpointDiscoveryEnabled: false,
      }),
    ),
  };
}

function liveClients({ endpointSqs, endpointDynamodb, region, credentials }: ClientOptions) {
  const live = {
    ...sharedOptions(region, LIVE_ATTEMPTS),
    // `adaptive`, which a profile may ask for, makes every call wait for what is throttled of one.
    retryMode: 'standard',
    ...(credentials === undefined ? {} : { credentials }),
  };
  return {
    sqs: new SQSClient({
      ...live,
      ...(endpointSqs === undefined ? {} : { endpoint: endpointSqs, useQueueUrlAsEndpoint: false }),
    }),
    dynamodb: new DynamoDBClient({
      ...live,
      ...(endpointDynamodb === undefined ? {} : { endpoint: endpointDynamodb }),
    }),
  };
}

function sharedOptions(region: string, maxAttempts: number) {
  return {
    region,
    maxAttempts,
    // Building the chain of middleware anew for every call costs a fifth of its CPU.
    cacheMiddleware: true,
    requestHandler: new UndiciHttpHandler({
      dispatcher: {
        connections: MAX_SOCKETS,
        pipelining: 1,
        connect: { timeout: CONNECTION_TIMEOUT_MS },
        headersTimeout: REQUEST_TIMEOUT_MS,
        bodyTimeout: REQUEST_TIMEOUT_MS,
      },
    }),
  };
}
