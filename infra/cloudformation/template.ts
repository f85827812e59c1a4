/** A CloudFormation template of the queues and tables that resources.json describes, and of the policies to use them. */
import { messageRetentionSeconds, WORK_SETTINGS } from '../../contracts/settings/work-settings.js';
import { readSettings } from '../../contracts/settings/settings.js';
import { resources, type TableResource } from '../resources/resources.js';
import { COORDINATOR, MONITOR, type Access } from './access.js';
import { policyDocument } from './policies.js';

/** The resources that hold promises to clients outlive the stack; the rest is made anew within seconds. */
const KEPT_TABLES = ['batches', 'keys'];

export function template() {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description:
      'Boomerang: its queues, its tables, and the rights to use them. Made from infra/resources/resources.json by npm run cloudformation.',
    Parameters: parameters(),
    Resources: { ...queues(), ...tables(), ...policies() },
    Outputs: outputs(),
  };
}

/** Defaults are the coordinator's own, so that it finds everything in line. */
function parameters() {
  const settings = readSettings(WORK_SETTINGS, {});
  return {
    VisibilityTimeoutSeconds: {
      Type: 'Number',
      Default: settings.VISIBILITY_TIMEOUT_SECONDS,
      MinValue: 1,
      MaxValue: 43_200,
      Description: 'As VISIBILITY_TIMEOUT_SECONDS of the coordinators',
    },
    MaxReceiveCount: {
      Type: 'Number',
      Default: settings.MAX_RECEIVE_COUNT,
      MinValue: 1,
      MaxValue: 1000,
      Description: 'As MAX_RECEIVE_COUNT of the coordinators',
    },
    MessageRetentionSeconds: {
      Type: 'Number',
      Default: messageRetentionSeconds(settings.TASK_RETENTION_HOURS),
      MinValue: 3600,
      MaxValue: 1_209_600,
      Description: 'TASK_RETENTION_HOURS of the coordinators times 3600, at most 14 days',
    },
    PointInTimeRecovery: {
      Type: 'String',
      Default: 'false',
      AllowedValues: ['true', 'false'],
      Description: 'Of the tables of batches and keys',
    },
  };
}

function queues() {
  const { batches, deadLetters } = resources.queues;
  return {
    BatchesQueue: queue(batches.createQueue.QueueName, {
      ...batches.createQueue.Attributes,
      VisibilityTimeout: { Ref: 'VisibilityTimeoutSeconds' },
      MessageRetentionPeriod: { Ref: 'MessageRetentionSeconds' },
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLettersQueue', 'Arn'] },
        maxReceiveCount: { Ref: 'MaxReceiveCount' },
      },
    }),
    DeadLettersQueue: queue(deadLetters.createQueue.QueueName, deadLetters.createQueue.Attributes),
  };
}

/** A queue may go with the stack: its messages are made again from the batches that are unfinished. */
function queue(name: string, attributes: Readonly<Record<string, unknown>>) {
  const properties: Record<string, unknown> = { QueueName: name };
  for (const [key, value] of Object.entries(attributes))
    properties[key] = typeof value === 'string' ? Number(value) : value;
  return {
    Type: 'AWS::SQS::Queue',
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: { ...properties, SqsManagedSseEnabled: true },
  };
}

function tables() {
  return Object.fromEntries(
    Object.entries(resources.tables).map(([key, resource]) => [`${titled(key)}Table`, table(key, resource)]),
  );
}

function table(key: string, { createTable, updateTimeToLive }: TableResource) {
  const isKept = KEPT_TABLES.includes(key);
  const recovery = { PointInTimeRecoveryEnabled: { Ref: 'PointInTimeRecovery' } };
  return {
    Type: 'AWS::DynamoDB::Table',
    // A deployment that fails must not leave behind what stands in the way of the next.
    DeletionPolicy: isKept ? 'RetainExceptOnCreate' : 'Delete',
    UpdateReplacePolicy: isKept ? 'Retain' : 'Delete',
    Properties: {
      ...createTable,
      ...(updateTimeToLive && { TimeToLiveSpecification: updateTimeToLive.TimeToLiveSpecification }),
      ...(isKept && { PointInTimeRecoverySpecification: recovery }),
    },
  };
}

function policies() {
  return {
    CoordinatorPolicy: policy(
      'What a coordinator of Boomerang does. Functions call nothing of AWS.',
      COORDINATOR,
    ),
    MonitorPolicy: policy("What Boomerang's monitor reads. It changes nothing.", MONITOR),
  };
}

function policy(description: string, access: Access) {
  const arnOf = (service: string, name: string) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}`,
  });
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { Description: description, PolicyDocument: policyDocument(access, arnOf) },
  };
}

function outputs() {
  return {
    CoordinatorPolicyArn: {
      Description: 'For the role of coordinators',
      Value: { Ref: 'CoordinatorPolicy' },
    },
    MonitorPolicyArn: { Description: 'For those who look', Value: { Ref: 'MonitorPolicy' } },
    BatchesQueueName: {
      Description: 'Whose depth the functions are scaled by',
      Value: { 'Fn::GetAtt': ['BatchesQueue', 'QueueName'] },
    },
  };
}

function titled(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}
