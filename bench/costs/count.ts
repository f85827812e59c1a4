/** Calls by kind, told apart: those that work causes, and those that time does. */
import type { MeteredCall } from '../../infra/aws/metering/meter-calls.js';
import { sumOf, times, type Units } from './prices.js';

/** Calls of one kind, for each batch or for each second. */
export interface CallKind {
  readonly call: string;
  readonly count: number;
  readonly units: Units;
  readonly indexWriteUnits: number;
}

const WORK_OPERATIONS = ['SendMessage', 'DeleteMessageBatch', 'ChangeMessageVisibility', 'ReceiveMessage'];

export function isCausedByWork({ operation, resource, isEmpty }: MeteredCall): boolean {
  if (resource === 'queue batches') return WORK_OPERATIONS.includes(operation) && !isEmpty;
  return resource === 'table batches' || resource === 'table keys';
}

/** Most frequent first. */
export function groupCalls(calls: readonly MeteredCall[], divideBy: number): readonly CallKind[] {
  const groups = new Map<string, MeteredCall[]>();
  for (const call of calls) {
    const name = `${call.operation}, ${call.resource}`;
    groups.set(name, [...(groups.get(name) ?? []), call]);
  }
  return [...groups]
    .map(([call, group]) => ({
      call,
      count: group.length / divideBy,
      units: times(sumOf(group.map(unitsOf)), 1 / divideBy),
      indexWriteUnits: group.reduce((sum, { indexWriteUnits }) => sum + indexWriteUnits, 0) / divideBy,
    }))
    .toSorted((one, other) => other.count - one.count || one.call.localeCompare(other.call));
}

/** As billed: an index's writes are writes. */
export function unitsOf({ sqsRequests, writeUnits, indexWriteUnits, readUnits }: MeteredCall): Units {
  return { sqsRequests, writeUnits: writeUnits + indexWriteUnits, readUnits };
}
