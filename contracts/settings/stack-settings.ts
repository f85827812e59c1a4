/** Settings: which SQS and DynamoDB are used. */
import { z } from 'zod';
import { readBy, type SettingsSection } from './setting.js';
import { awsRegion, httpUrl, oneOf } from './settings.js';

const text = () => z.string().optional();
const FIXED = 'the Compose file names its own stack';
/** The supervisor asks only whether there is one; the coordinator parses it. */
const presence = text;

export const STACK_SETTINGS = {
  AWS_ENDPOINT_URL: {
    schemas: {
      supervisor: presence(),
      ...readBy(httpUrl().optional(), 'coordinator', 'monitor', 'conformance'),
    },
    purpose: 'Another SQS and DynamoDB, such as LocalStack; the embedded stack does not start then.',
    defaultText: 'the embedded stack',
    notFromComposeBecause: FIXED,
  },
  AWS_ENDPOINT_URL_SQS: {
    schemas: {
      supervisor: presence(),
      ...readBy(httpUrl().optional(), 'coordinator', 'monitor', 'chaos', 'conformance'),
    },
    purpose: 'The address of SQS, if DynamoDB has another.',
    defaultText: '`AWS_ENDPOINT_URL`',
    notFromComposeBecause: FIXED,
  },
  AWS_ENDPOINT_URL_DYNAMODB: {
    schemas: {
      supervisor: presence(),
      ...readBy(httpUrl().optional(), 'coordinator', 'monitor', 'chaos', 'conformance'),
    },
    purpose: 'The address of DynamoDB, if SQS has another.',
    defaultText: '`AWS_ENDPOINT_URL`',
    notFromComposeBecause: FIXED,
  },
  AWS_REGION: {
    schemas: readBy(awsRegion(), 'supervisor', 'coordinator', 'monitor', 'chaos', 'conformance'),
    purpose: 'The region of queues and tables.',
    notFromComposeBecause: FIXED,
  },
  BOOMERANG_AWS: {
    schemas: {
      supervisor: presence(),
      ...readBy(oneOf('live').optional(), 'coordinator', 'monitor', 'conformance'),
    },
    purpose: '`live` permits real AWS: see [aws.md](aws.md). Without it nothing talks to AWS.',
    notFromComposeBecause: FIXED,
  },
  STACK_DATA: {
    schemas: readBy(text(), 'stack'),
    purpose: 'Folder of the tables of the embedded stack.',
    defaultText: 'in memory; set by the supervisor',
  },
} as const satisfies SettingsSection;
