/** The two updates of a batch's item, as inputs of UpdateItem. */
import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { deliveryKey, type BatchDocument, type DeliveryRecord } from '../../contracts/batch/batch.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import { number, text } from './attributes.js';
import {
  encodeCounters,
  encodeDelivery,
  encodeTasks,
  encodeMarks,
  encodeRedriven,
  MARKS,
} from './batch-codec.js';
import { UpdateExpression } from './update-expression.js';

/** Only what changed is written: `slots` whole, deliveries one by one. */
export function replaceBatch(
  tableName: string,
  previous: BatchDocument,
  next: BatchDocument,
): UpdateItemCommandInput {
  const update = new UpdateExpression().setAll(encodeCounters(next));
  if (next.tasks !== previous.tasks) update.set(['slots'], encodeTasks(next));
  if (next.redrivenAs !== undefined && next.redrivenAs !== previous.redrivenAs) {
    update.set(['redrivenAs'], encodeRedriven(next.redrivenAs));
  }
  changeDeliveries(update, previous, next);
  changeMarks(update, next);
  return guarded(update, tableName, next.id, previous.rev);
}

/** A delivery that runs, entered beside whatever else is written meanwhile: `rev` stays. */
export function enterDelivery(
  tableName: string,
  id: BatchId,
  readRev: number,
  delivery: DeliveryRecord,
  dueAtMs: number,
): UpdateItemCommandInput {
  const update = new UpdateExpression()
    .set(['deliveries', deliveryKey(delivery)], encodeDelivery(delivery))
    .set(['touchedAt'], number(delivery.startedAtMs))
    .set(['dueAt'], number(dueAtMs));
  return guarded(update, tableName, id, readRev);
}

function changeDeliveries(update: UpdateExpression, previous: BatchDocument, next: BatchDocument): void {
  for (const [key, delivery] of Object.entries(next.deliveries)) {
    if (previous.deliveries[key] !== delivery) update.set(['deliveries', key], encodeDelivery(delivery));
  }
  for (const key of Object.keys(previous.deliveries)) {
    if (!(key in next.deliveries)) update.remove(['deliveries', key]);
  }
}

function changeMarks(update: UpdateExpression, next: BatchDocument): void {
  const marks = encodeMarks(next);
  update.setAll(marks);
  for (const name of MARKS) if (!(name in marks)) update.remove([name]);
}

/** Also refuses where no item is: updating one into being would store a batch without its texts. */
function guarded(
  update: UpdateExpression,
  tableName: string,
  id: BatchId,
  readRev: number,
): UpdateItemCommandInput {
  const nobodyWroteSinceItWasRead = `${update.name('rev')} = ${update.value(number(readRev))}`;
  return {
    TableName: tableName,
    Key: { id: text(id) },
    ConditionExpression: nobodyWroteSinceItWasRead,
    ...update.build(),
  };
}
