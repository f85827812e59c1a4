import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SettingsError } from '../../../contracts/errors/errors.js';
import { createClients } from '../../../infra/aws/clients.js';

const url = 'http://127.0.0.1:4566';
const local = { region: 'eu-central-1', live: false };

describe('clients', () => {
  it('refuse to be made where no endpoint is set and nobody asked for real AWS', () => {
    expect(() => createClients(local)).toThrow(SettingsError);
    expect(() => createClients(local)).toThrow(/AWS_ENDPOINT_URL .*BOOMERANG_AWS=live/);
  });

  it('refuse an endpoint that is real AWS', () => {
    const endpointSqs = 'https://sqs.us-east-1.amazonaws.com';
    const clients = () => createClients({ ...local, endpointSqs, endpointDynamodb: url });
    expect(clients).toThrow(/AWS_ENDPOINT_URL_SQS=https:.* is real AWS.*BOOMERANG_AWS=live/);
  });

  it.each([
    'https://sqs.us-east-1.amazonaws.com.',
    'https://vpce-1.sqs.eu-central-1.vpce.amazonaws.com',
    'https://sqs.cn-north-1.amazonaws.com.cn',
    'https://sqs.eusc-de-east-1.amazonaws.eu',
    'https://sqs.us-east-1.api.aws',
    'https://SQS.us-east-1.AmazonAWS.com..',
    'https://sqs.us-iso-east-1.c2s.ic.gov',
    'https://sqs.us-isob-east-1.sc2s.sgov.gov',
    'https://sqs.eu-isoe-west-1.cloud.adc-e.uk',
    'https://sqs.us-isof-south-1.csp.hci.ic.gov',
    'https://dynamodb.eusc-de-east-1.api.amazonwebservices.eu',
  ])('know %s for real AWS', (endpointSqs) => {
    const clients = () => createClients({ ...local, endpointSqs, endpointDynamodb: url });
    expect(clients).toThrow(/is real AWS/);
  });

  it('name the one that is missing', () => {
    expect(() => createClients({ ...local, endpointSqs: url })).toThrow(/AWS_ENDPOINT_URL_DYNAMODB/);
    expect(() => createClients({ ...local, endpointDynamodb: url })).toThrow(/AWS_ENDPOINT_URL_SQS/);
  });

  it('go to the endpoints that are set', async () => {
    const clients = createClients({ ...local, endpointSqs: 'http://127.0.0.1:1/', endpointDynamodb: url });
    onTestFinished(() => clients.close());
    const { endpoint: sqs } = clients.sqs.config;
    const { endpoint: dynamodb } = clients.dynamodb.config;
    expect(await sqs?.()).toMatchObject({ hostname: '127.0.0.1', port: 1 });
    expect(await dynamodb?.()).toMatchObject({ hostname: '127.0.0.1', port: 4566 });
  });

  it('sign where real AWS was asked for, and only there', async () => {
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    expect(await authorizationOf({ ...local, live: true, credentials })).toMatch(/Signature=[0-9a-f]{64}$/);
    expect(await authorizationOf({ ...local, credentials })).toMatch(/Credential=key\/.*Signature=none$/);
  });

  it('take credentials of real AWS from the default chain: of the environment, else of the container', async () => {
    const issued = await startIssuer('key-of-the-task');
    for (const name of Object.keys(process.env).filter((name) => name.startsWith('AWS_')))
      vi.stubEnv(name, undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', issued);
    expect(await authorizationOf({ ...local, live: true })).toMatch(
      /Credential=key-of-the-task\/.*eu-central-1/,
    );
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key-of-the-environment');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    expect(await authorizationOf({ ...local, live: true })).toMatch(/Credential=key-of-the-environment\//);
  });

  /** ECS and EKS offer a container an address that answers with credentials of its role. */
  async function startIssuer(AccessKeyId: string): Promise<string> {
    const server = createServer((_request, response) => {
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.end(JSON.stringify({ AccessKeyId, SecretAccessKey: 'secret', Token: 'token', Expiration }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/credentials`;
  }

  async function authorizationOf(options: Parameters<typeof createClients>[0]): Promise<string | undefined> {
    const clients = createClients({ ...options, endpointSqs: url, endpointDynamodb: url });
    onTestFinished(() => clients.close());
    let authorization: string | undefined;
    clients.dynamodb.middlewareStack.add(
      () => (args) => {
        const { headers } = args.request as { readonly headers: Record<string, string> };
        authorization = headers['authorization'];
        return Promise.reject(new Error('not sent'));
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(clients.dynamodb.send(new ListTablesCommand({}))).rejects.toThrow('not sent');
    return authorization;
  }
});
