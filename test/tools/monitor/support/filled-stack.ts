/** An embedded stack with what a running system would have written, and workers that go on beating. */
import type { BatchDocument } from '../../../../contracts/batch/batch.js';
import { DynamoBatchStore } from '../../../../infra/aws/dynamo-batch-store.js';
import { DynamoStatsStore } from '../../../../infra/aws/dynamo-stats-store.js';
import { DynamoWorkerStore } from '../../../../infra/aws/dynamo-worker-store.js';
import { SqsBatchQueue } from '../../../../infra/aws/sqs-batch-queue.js';
import { startTestStack, type TestStack } from '../../../support/embedded.js';
import { messageOf, sampleBatch, sampleDelivery, withDeliveries } from '../../../support/sample-batch.js';
import { bucketOf } from '../../../../contracts/stats/histogram.js';
import { workerRecord } from './snapshots.js';

export interface FilledStack extends TestStack {
  /** The id of the batch that was answered at the second try. */
  readonly answered: BatchDocument;
  readonly queued: BatchDocument;
}

const BEAT_MS = 300;

export async function startFilledStack(): Promise<FilledStack> {
  const stack = await startTestStack({ queue: { visibilityTimeoutSeconds: 7 } });
  const { dynamodb, sqs } = stack.clients;
  const { tableNames } = stack.resources;
  const nowMs = Date.now();
  const answered = answeredBatch(nowMs - 3000);
  const queued = queuedBatch(nowMs - 1500);
  const batches = new DynamoBatchStore(dynamodb, tableNames.batches);
  await batches.create(answered);
  await batches.create(queued);
  await new SqsBatchQueue(sqs, stack.resources).send(messageOf(queued));
  await new DynamoStatsStore(dynamodb, tableNames.stats).put({
    coordinatorId: 'coordinator-a',
    second: Math.floor(nowMs / 1000) - 1,
    counts: { accepted: 30, succeeded: 20, retries: 4, 'faults.error': 2 },
    latency: { [bucketOf(25)]: 20 },
    outstandingTasks: 1,
    events: [
      {
        atMs: nowMs - 2900,
        name: 'delivery.failed',
        fields: {
          batchId: answered.id,
          workerId: 'worker-1',
          delivery: 1,
          error: 'http_500: no',
          fault: 'error',
        },
      },
    ],
  });
  const workers = new DynamoWorkerStore(dynamodb, tableNames.workers);
  const beat = () =>
    Promise.all(
      ['worker-1', 'worker-2'].map((id) => workers.put(workerRecord(id, { heartbeatAtMs: Date.now() }))),
    ).catch(() => undefined);
  await beat();
  const beats = setInterval(() => void beat(), BEAT_MS);
  return {
    ...stack,
    answered,
    queued,
    close: () => {
      clearInterval(beats);
      return stack.close();
    },
  };
}

function answeredBatch(createdAtMs: number): BatchDocument {
  const { dueAtMs: _, ...batch } = sampleBatch({ createdAtMs });
  const error = { code: 'http_500', message: 'an error on purpose' };
  const first = {
    workerId: 'worker-1',
    taskIndexes: [0],
    startedAtMs: createdAtMs + 20,
    endedAtMs: createdAtMs + 60,
  };
  const second = {
    workerId: 'worker-2',
    taskIndexes: [0],
    startedAtMs: createdAtMs + 80,
    endedAtMs: createdAtMs + 95,
  };
  const answered: BatchDocument = {
    ...batch,
    inputs: [{ text: 'The soup was wonderful 😀', requestId: 'request-7', acceptedAtMs: createdAtMs }],
    tasks: [
      {
        status: 'succeeded',
        label: 'POSITIVE',
        score: 0.9987,
        tokens: 7,
        workerId: 'worker-2',
        delivery: 2,
        queueMs: 80,
        computeMs: 3,
        finishedAtMs: createdAtMs + 100,
        totalMs: 100,
      },
    ],
    expiresAtMs: createdAtMs + 3_600_000,
  };
  const lived = { messageId: 'message-1', taskIndexes: [0], coordinatorId: 'coordinator-a' };
  return withDeliveries(
    answered,
    sampleDelivery({
      ...lived,
      ...first,
      number: 1,
      receiveCount: 1,
      outcome: 'failed',
      invokes: [{ ...first, outcome: 'failed', fault: 'error', error }],
    }),
    sampleDelivery({
      ...lived,
      ...second,
      number: 2,
      receiveCount: 2,
      outcome: 'succeeded',
      invokes: [{ ...second, outcome: 'succeeded' }],
    }),
  );
}

function queuedBatch(createdAtMs: number): BatchDocument {
  return sampleBatch({
    createdAtMs,
    inputs: [{ text: 'It waits in the queue.', requestId: 'request-8', acceptedAtMs: createdAtMs }],
    tasks: [{ status: 'open', failedAlone: 0 }],
    dueAtMs: createdAtMs + 14_000,
  });
}
