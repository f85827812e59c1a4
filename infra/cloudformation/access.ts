/**
 * Who does what to which queue, table and index. Tests compare it with the calls that are really made, both ways: nothing
 * is missing, and nothing is there that nobody calls.
 */

/** By resource, as the calls' meter names them: `queue batches`, `table stats`, `index batches/open`. */
export type Access = Readonly<Record<string, readonly string[]>>;

/** A coordinator makes these calls where queues and tables exist. */
export const COORDINATOR: Access = {
  'queue batches': [
    'sqs:GetQueueUrl',
    'sqs:GetQueueAttributes',
    'sqs:SendMessage',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:ChangeMessageVisibility',
  ],
  'queue deadLetters': [
    'sqs:GetQueueUrl',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
  ],
  'table batches': [
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
  ],
  'index batches/byTime': ['dynamodb:Query'],
  'index batches/open': ['dynamodb:Query'],
  'index batches/attention': ['dynamodb:Query'],
  'table workers': [
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:PutItem',
    'dynamodb:Query',
  ],
  'table stats': [
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:PutItem',
    'dynamodb:Query',
  ],
  'table keys': [
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:PutItem',
  ],
  'table meta': ['dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:PutItem'],
};

/** It needs these as well where it makes queues and tables itself, or where its settings differ from the queues'. */
export const MAKER: Access = {
  'queue batches': ['sqs:CreateQueue', 'sqs:SetQueueAttributes'],
  'queue deadLetters': ['sqs:CreateQueue', 'sqs:SetQueueAttributes'],
  'table batches': ['dynamodb:CreateTable', 'dynamodb:UpdateTimeToLive'],
  'table workers': ['dynamodb:CreateTable', 'dynamodb:UpdateTimeToLive'],
  'table stats': ['dynamodb:CreateTable', 'dynamodb:UpdateTimeToLive'],
  'table keys': ['dynamodb:CreateTable', 'dynamodb:UpdateTimeToLive'],
  'table meta': ['dynamodb:CreateTable'],
};

/** `npm run monitor`: it looks, and changes nothing. */
export const MONITOR: Access = {
  'queue batches': ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  'queue deadLetters': ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  'table batches': ['dynamodb:BatchGetItem'],
  'index batches/byTime': ['dynamodb:Query'],
  'index batches/open': ['dynamodb:Query'],
  'table workers': ['dynamodb:Query'],
  'table stats': ['dynamodb:Query'],
};

/** The action that allows a call: of batch calls, SQS knows the single ones only. */
export function actionOf(operation: string, resource: string): string {
  const service = resource.startsWith('queue ') ? 'sqs' : 'dynamodb';
  return `${service}:${service === 'sqs' ? operation.replace(/MessageBatch$/, 'Message') : operation}`;
}
