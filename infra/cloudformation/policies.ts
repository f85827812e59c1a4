/** Policy documents of IAM. */
import { resources } from '../resources/resources.js';
import type { Access } from './access.js';

export interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
}

/** Names a resource in the form that the document wants: an ARN, or what makes one of a name. */
export type ArnOf = (service: 'sqs' | 'dynamodb', name: string) => unknown;

/** One statement for all resources to which the same may be done. */
export function policyDocument(access: Access, arnOf: ArnOf) {
  const groups = new Map<string, { actions: readonly string[]; names: string[] }>();
  for (const [name, actions] of Object.entries(access)) {
    const key = actions.join();
    const group = groups.get(key) ?? { actions, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  const statements = [...groups.values()].map(({ actions, names }): Statement => ({
    Effect: 'Allow',
    Action: actions,
    Resource: names.map((name) => arnOfResource(name, arnOf)),
  }));
  return { Version: '2012-10-17', Statement: statements };
}

function arnOfResource(resource: string, arnOf: ArnOf): unknown {
  const [kind, name = ''] = resource.split(' ');
  if (kind === 'queue') {
    const queue = resources.queues[name as keyof typeof resources.queues];
    return arnOf('sqs', queue.createQueue.QueueName);
  }
  const [table = '', index] = name.split('/');
  const { TableName } = resources.tables[table as keyof typeof resources.tables].createTable;
  return arnOf('dynamodb', index === undefined ? `table/${TableName}` : `table/${TableName}/index/${index}`);
}
