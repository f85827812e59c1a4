import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SettingsError } from '../../contracts/errors.js';
import { createClients } from '../../infra/aws/clients.js';

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
