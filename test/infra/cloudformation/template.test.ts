import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parse } from 'yaml';
import { COORDINATOR } from '../../../infra/cloudformation/access.js';
import { files, FOLDER } from '../../../infra/cloudformation/files.js';
import { policyDocument } from '../../../infra/cloudformation/policies.js';
import { projectRoot } from '../../../infra/process/project-root.js';
import { resources } from '../../../infra/resources/resources.js';

const templateSchema = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.union([z.string(), z.number()]) })),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      DeletionPolicy: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()),
    }),
  ),
});
const template = templateSchema.parse(parse(files()['boomerang.yaml'] ?? ''));
const ofType = (type: string) => Object.values(template.Resources).filter(({ Type }) => Type === type);

describe('the template', () => {
  it.each(Object.entries(files()))('is committed as npm run cloudformation writes it: %s', (name, text) => {
    expect(readFileSync(join(projectRoot, FOLDER, name), 'utf8')).toBe(text);
  });

  it('has every table as it is described', () => {
    const tables = Object.values(resources.tables).map(({ createTable, updateTimeToLive }) => ({
      ...createTable,
      ...(updateTimeToLive && { TimeToLiveSpecification: updateTimeToLive.TimeToLiveSpecification }),
    }));
    expect(ofType('AWS::DynamoDB::Table').map(({ Properties }) => Properties)).toMatchObject(tables);
  });

  it('leaves batches and keys behind when it is deleted, and nothing where it could not be made', () => {
    const policies = ofType('AWS::DynamoDB::Table').map(({ Properties, DeletionPolicy }) => [
      Properties['TableName'],
      DeletionPolicy,
    ]);
    expect(Object.fromEntries(policies)).toEqual({
      'boomerang-batches': 'RetainExceptOnCreate',
      'boomerang-keys': 'RetainExceptOnCreate',
      'boomerang-workers': 'Delete',
      'boomerang-stats': 'Delete',
      'boomerang-meta': 'Delete',
    });
  });

  it('has the queues, encrypted, with what a coordinator without settings of its own wants', () => {
    const [batches, deadLetters] = ofType('AWS::SQS::Queue').map(({ Properties }) => Properties);
    const defaultOf = (value: unknown): unknown => {
      const { Ref: name } = z.object({ Ref: z.string() }).parse(value);
      return template.Parameters[name]?.Default;
    };
    expect(defaultOf(batches?.['VisibilityTimeout'])).toBe(30);
    expect(defaultOf(batches?.['MessageRetentionPeriod'])).toBe(24 * 3600);
    const { maxReceiveCount } = z.object({ maxReceiveCount: z.unknown() }).parse(batches?.['RedrivePolicy']);
    expect(defaultOf(maxReceiveCount)).toBe(resources.queues.batches.maxReceiveCount);
    expect([batches?.['SqsManagedSseEnabled'], deadLetters?.['SqsManagedSseEnabled']]).toEqual([true, true]);
    expect(deadLetters?.['MessageRetentionPeriod']).toBe(1_209_600);
  });
});

describe('a policy', () => {
  const document = policyDocument(COORDINATOR, (service, name) => `${service}:${name}`);

  it('names queues, tables and indexes, and allows nothing on all', () => {
    const named = document.Statement.flatMap(({ Resource }) => Resource);
    expect(named).toContain('sqs:boomerang-batches');
    expect(named).toContain('dynamodb:table/boomerang-batches');
    expect(named).toContain('dynamodb:table/boomerang-batches/index/open');
    expect(JSON.stringify(document)).not.toContain('*');
  });

  it('allows each resource its own actions', () => {
    const actionsOn = (name: string) =>
      document.Statement.filter(({ Resource }) => Resource.includes(name)).flatMap(({ Action }) => Action);
    expect(actionsOn('sqs:boomerang-dead-letters')).toEqual(COORDINATOR['queue deadLetters']);
    expect(actionsOn('dynamodb:table/boomerang-stats')).toEqual(COORDINATOR['table stats']);
    expect(actionsOn('dynamodb:table/boomerang-batches/index/open')).toEqual(['dynamodb:Query']);
  });
});
