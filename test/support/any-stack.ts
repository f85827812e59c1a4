/**
 * The stack that the suite in test/stack runs against: the one that `npm run test:stack` was given, else an embedded
 * one of the test's own. Queues and tables get names of their own and are deleted afterwards, so that nothing that is
 * there already is touched.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import { createClients, type Clients } from '../../infra/aws/clients.js';
import { ensureQueues, type QueueSettings } from '../../infra/aws/ensure-queues.js';
import { ensureResources, type StackResources } from '../../infra/aws/ensure-resources.js';
import { ensureTables } from '../../infra/aws/ensure-tables.js';
import { removeResources } from '../../infra/aws/remove-resources.js';
import { SqsBatchQueue, type QueueUrls } from '../../infra/aws/sqs-batch-queue.js';
import { prefixed } from '../../infra/resources/prefixed.js';
import { resources, tableNamesOf, type Resources, type TableNames } from '../../infra/resources/resources.js';
import { startBareStack } from './embedded.js';

export interface GivenStack {
  /** Absent of real AWS. */
  readonly endpointSqs: string | undefined;
  readonly endpointDynamodb: string | undefined;
  readonly region: string;
  readonly live: boolean;
  /** Begins the names of all that is made. */
  readonly prefix: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: GivenStack | undefined;
  }
}

export interface AnyStack extends GivenStack {
  readonly clients: Clients;
  /** Clients of its own, through other addresses where some are given. */
  connect(endpoints?: Partial<Pick<GivenStack, 'endpointSqs' | 'endpointDynamodb'>>): Clients;
  /** Names that nothing stands under yet; what is made under them is deleted at the end. */
  names(): Resources;
  queues(
    settings?: QueueSettings,
  ): Promise<QueueUrls & { readonly described: Resources; queue: SqsBatchQueue }>;
  tables(): Promise<TableNames>;
  all(settings?: QueueSettings): Promise<StackResources & { readonly described: Resources }>;
}

/** Opened once for all tests of a file. */
export function useStack(): () => AnyStack {
  let opened: { readonly stack: AnyStack; readonly close: () => Promise<void> } | undefined;
  beforeAll(async () => {
    opened = await open();
  }, 60_000);
  afterAll(() => opened?.close(), 60_000);
  return () => {
    if (opened === undefined) throw new Error('no stack is open');
    return opened.stack;
  };
}

async function open() {
  const own = inject('stack') === undefined ? await startBareStack() : undefined;
  const given = inject('stack') ?? embeddedAt(own?.url ?? '');
  const connected: Clients[] = [];
  const made: Resources[] = [];
  const connect: AnyStack['connect'] = (endpoints = {}) => {
    const clients = createClients({ ...given, ...endpoints });
    connected.push(clients);
    return clients;
  };
  const clients = connect();
  const names = () => {
    const described = prefixed(resources, `${given.prefix}${randomBytes(4).toString('hex')}-`);
    made.push(described);
    return described;
  };
  const stack: AnyStack = {
    ...given,
    clients,
    connect,
    names,
    queues: async (settings = {}) => {
      const described = names();
      const urls = await ensureQueues(clients.sqs, settings, described);
      return { ...urls, described, queue: new SqsBatchQueue(clients.sqs, urls) };
    },
    tables: async () => {
      const described = names();
      await ensureTables(clients.dynamodb, described);
      return tableNamesOf(described);
    },
    all: async (settings = {}) => {
      const described = names();
      return { ...(await ensureResources(clients, settings, described)), described };
    },
  };
  const close = async () => {
    if (own === undefined) for (const described of made) await removeResources(clients, described);
    for (const each of connected) each.close();
    await own?.close();
  };
  return { stack, close };
}

const embeddedAt = (url: string): GivenStack => ({
  endpointSqs: url,
  endpointDynamodb: url,
  region: 'us-east-1',
  live: false,
  prefix: 'test-',
});
