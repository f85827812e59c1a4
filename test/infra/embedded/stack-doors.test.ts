/** Requests that a web page, or another user of the machine, can send to the embedded stack: none of it gets through. */
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clientsOf, startTestStack, type TestStack } from '../../support/embedded.js';
import { rawRequest } from '../../support/raw-request.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_1_0 = 'application/x-amz-json-1.0';

let stack: TestStack;
beforeAll(async () => (stack = await startTestStack()));
afterAll(() => stack.close());

async function messages(): Promise<number> {
  const headers = { 'content-type': JSON_1_0, 'x-amz-target': 'AmazonSQS.GetQueueAttributes' };
  const body = JSON.stringify({ QueueUrl: stack.resources.queueUrl, AttributeNames: ['All'] });
  const { text } = await rawRequest(stack.url, { method: 'POST', headers, body });
  return Number(/"ApproximateNumberOfMessages":"(\d+)"/.exec(text)?.[1]);
}

describe('a form, which needs no preflight', () => {
  it.each([
    'Action=CreateTopic&Name=topic',
    'Action=ListTopics',
    'Action=Subscribe&TopicArn=arn:aws:sns:us-east-1:000000000000:topic&Protocol=sqs&Endpoint=arn:aws:sqs:us-east-1:000000000000:boomerang-batches',
    'Action=Publish&TopicArn=arn:aws:sns:us-east-1:000000000000:topic&Message=forged',
    'Action=PublishBatch&TopicArn=arn:aws:sns:us-east-1:000000000000:topic',
    'Action=GetCallerIdentity',
    'Action=SendMessage&QueueUrl=QUEUE&MessageBody=forged',
    'Action=ReceiveMessage&QueueUrl=QUEUE',
    'Action=PurgeQueue&QueueUrl=QUEUE',
    'Action=CreateQueue&QueueName=another',
    'Action=ListQueues',
  ])('does nothing: %s', async (form) => {
    const body = form.replace('QUEUE', encodeURIComponent(stack.resources.queueUrl));
    for (const type of [FORM, 'text/plain', `multipart/form-data; boundary=x`, `${FORM};${JSON_1_0}`]) {
      const { status, text, headers } = await rawRequest(stack.url, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(status).toBe(415);
      expect(JSON.parse(text)).toHaveProperty('__type', 'UnsupportedMediaTypeException');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect(await messages()).toBe(0);
  });
});

describe('whatever is no call of SQS or DynamoDB', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/health'],
    ['GET', '/_fauxqs/queues'],
    ['GET', '/_fauxqs/queues/boomerang-batches'],
    ['GET', '/bucket'],
    ['PUT', '/bucket'],
    ['PUT', '/bucket/key'],
    ['POST', '/bucket?delete'],
    ['POST', '/000000000000/boomerang-batches'],
    ['POST', '//'],
    ['POST', '/?Action=ListTopics'],
    ['HEAD', '/'],
    ['DELETE', '/'],
    ['OPTIONS', '/'],
    ['PATCH', '/'],
  ])('is refused: %s %s', async (method, path) => {
    for (const type of [JSON_1_0, FORM]) {
      const answer = await rawRequest(`${stack.url}${path}`, { method, headers: { 'content-type': type } });
      expect([404, 405]).toContain(answer.status);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      if (method !== 'HEAD') expect(JSON.parse(answer.text)).toHaveProperty('__type');
    }
  });

  it.each([
    ['AmazonSNS.CreateTopic', JSON_1_0],
    ['AmazonSQS.', JSON_1_0],
    ['AmazonSQS.SendMessage, AmazonSQS.SendMessage', JSON_1_0],
    ['DynamoDBStreams_20120810.ListStreams', JSON_1_0],
    ['DynamoDB_20111205.ListTables', JSON_1_0],
    ['DynamoDB_20120810', JSON_1_0],
    ['AWSSecurityTokenServiceV20110615.GetCallerIdentity', 'application/x-amz-json-1.1'],
    ['DynamoDB_20120810.ListTables', 'application/json'],
    ['DynamoDB_20120810.ListTables', 'application/x-amz-cbor-1.1'],
    ['AmazonSQS.ListQueues', 'text/plain'],
    ['AmazonSQS.ListQueues', ''],
  ])('is refused: %s as %s', async (target, type) => {
    const headers = { 'x-amz-target': target, ...(type === '' ? {} : { 'content-type': type }) };
    const { status, text } = await rawRequest(stack.url, { method: 'POST', headers, body: '{}' });
    expect([400, 415]).toContain(status);
    expect(JSON.parse(text)).toHaveProperty('__type');
  });

  it('is none of these, which are served', async () => {
    for (const target of ['AmazonSQS.ListQueues', 'DynamoDB_20120810.ListTables']) {
      for (const type of [JSON_1_0, `${JSON_1_0}; charset=utf-8`, 'application/x-amz-json-1.1']) {
        const headers = {
          'content-type': type,
          'x-amz-target': target,
          'x-amz-date': '20260101T000000Z',
          authorization:
            'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=none',
        };
        const { status } = await rawRequest(stack.url, { method: 'POST', headers, body: '{}' });
        expect([target, type, status]).toEqual([target, type, 200]);
      }
    }
  });
});

describe('a body that cannot be read', () => {
  const deep = '['.repeat(100_000);
  const bodies = [
    ['{', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '5'],
    ['a string', '"x"'],
    ['a list', '[]'],
    ['a list within lists', deep],
    ['lists within an object', `{"a":${deep}${']'.repeat(100_000)}}`],
    ['objects within an object', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a NUL', '{"QueueUrl":"\0"}'],
    ['a NUL alone', '\0'],
  ] as const;
  const targets = [
    ...['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'DeleteMessageBatch', 'CreateQueue'].map(
      (name) => `AmazonSQS.${name}`,
    ),
    'DynamoDB_20120810.PutItem',
    'DynamoDB_20120810.Query',
  ];

  it.each(bodies)('is refused as AWS does, and is the caller’s mistake: %s', async (_name, body) => {
    for (const target of targets) {
      const headers = { 'content-type': JSON_1_0, 'x-amz-target': target };
      const { status, text } = await rawRequest(stack.url, { method: 'POST', headers, body });
      expect([target, status, text]).toEqual([target, 400, expect.stringMatching(/"__type"/)]);
      if (target.startsWith('AmazonSQS')) expect(text).toContain('#SerializationException"');
      expect(text).not.toMatch(/position|Cannot read|undefined|JSON at/);
    }
    expect(await messages()).toBe(0);
  });

  it.each([
    ['SendMessage', { QueueUrl: 5, MessageBody: 'x' }],
    ['SendMessage', { QueueUrl: 'QUEUE', MessageBody: 5 }],
    ['SendMessage', { QueueUrl: 'QUEUE', MessageBody: null }],
    ['SendMessageBatch', { QueueUrl: 'QUEUE', Entries: 5 }],
    ['SendMessageBatch', { QueueUrl: 'QUEUE', Entries: [null] }],
    ['DeleteMessageBatch', { QueueUrl: 'QUEUE', Entries: {} }],
    ['ChangeMessageVisibilityBatch', { QueueUrl: 'QUEUE', Entries: [null] }],
    ['GetQueueAttributes', { QueueUrl: 'QUEUE', AttributeNames: 5 }],
    ['CreateQueue', { QueueName: {} }],
  ])('with a field of another type is one as well: %s %j', async (operation, fields) => {
    const headers = { 'content-type': JSON_1_0, 'x-amz-target': `AmazonSQS.${operation}` };
    const body = JSON.stringify(fields).replace('QUEUE', stack.resources.queueUrl);
    const { status, text } = await rawRequest(stack.url, { method: 'POST', headers, body });
    expect(text).not.toMatch(/Cannot read|not a function|not iterable/);
    expect([text, status]).toEqual([expect.stringMatching(/"__type"/), 400]);
  });
});

describe('a page of another origin', () => {
  const call = (target: string, headers: Record<string, string>) =>
    rawRequest(stack.url, {
      method: 'POST',
      headers: { 'content-type': JSON_1_0, 'x-amz-target': target, ...headers },
      body: '{}',
    });

  it.each([
    [{ host: 'evil.example' }, 421],
    [{ host: 'evil.example:4566', origin: 'http://evil.example:4566' }, 421],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
  ])('gets nothing: %j', async (headers, expected) => {
    for (const target of ['AmazonSQS.ListQueues', 'DynamoDB_20120810.ListTables']) {
      const answer = await call(target, headers);
      expect(answer.status).toBe(expected);
      expect(answer.text).not.toMatch(/boomerang-/);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    const health = { ...headers, host: 'host' in headers ? headers.host : new URL(stack.url).host };
    const { status } = await rawRequest(`${stack.url}/_boomerang/network`, { headers: health });
    expect(status).toBe(expected);
  });

  it('gets no leave by a preflight', async () => {
    const { status, headers } = await rawRequest(stack.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-amz-target,content-type',
      },
    });
    expect(status).toBe(403);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('gets no leave even where the origin is the stack’s own', async () => {
    const answer = await call('DynamoDB_20120810.ListTables', { origin: stack.url });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a stack that wants an access key', () => {
  const accessKeyId = 'secret-of-this-run-1234';

  it('serves who names it, and nobody else', async () => {
    const closed = await startTestStack({ accessKeyId });
    onTestFinished(() => closed.close());
    const { TableNames } = await closed.clients.dynamodb.send(new ListTablesCommand({}));
    expect(TableNames?.length).toBeGreaterThan(0);
    for (const other of [undefined, 'secret-of-another-run-1', `${accessKeyId}x`]) {
      const clients = clientsOf(closed.url, other);
      for (const call of [
        () => clients.dynamodb.send(new ListTablesCommand({})),
        () => clients.sqs.send(new ListQueuesCommand({})),
      ]) {
        const error: unknown = await call().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: 'UnrecognizedClientException' });
        expect(String(error)).not.toContain(accessKeyId);
      }
      clients.close();
    }
    const headers = { 'content-type': JSON_1_0, 'x-amz-target': 'AmazonSQS.ListQueues' };
    const credential = (id: string) => `Credential=${id}/20260101/us-east-1/sqs/aws4_request`;
    const signature = `SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    for (const authorization of [
      '',
      `Bearer ${accessKeyId}`,
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}`,
      `AWS4-HMAC-SHA256 ${credential(accessKeyId)}`,
      `AWS4-HMAC-SHA256 ${credential(accessKeyId)}, SignedHeaders=host, Signature=`,
      `AWS4-HMAC-SHA256 ${credential('another')}, ${credential(accessKeyId)}, ${signature}`,
      `AWS4-HMAC-SHA256 ${credential(accessKeyId)}, ${credential('another')}, ${signature}`,
      `AWS4-HMAC-SHA256 ${credential(accessKeyId)}, credential=another/x, ${signature}`,
      `AWS4-HMAC-SHA256 ${credential(accessKeyId)}, ${signature}, Signature=0`,
      `AWS4-HMAC-SHA256 ${credential(accessKeyId)} ${credential('another')}, ${signature}`,
    ]) {
      const { status } = await rawRequest(closed.url, {
        method: 'POST',
        headers: { ...headers, ...(authorization === '' ? {} : { authorization }) },
        body: '{}',
      });
      expect(status).toBe(403);
    }
    expect((await rawRequest(`${closed.url}/_boomerang/health`)).status).toBe(200);
  });
});
