/** Mutants between a coordinator, its queue and its workers. */
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import { asciiJson } from '../../contracts/common/text.js';
import { readBody } from '../../coordinator/delivery/open-batch.js';
import { overrideMethods } from '../engine/override-methods.js';
import type { SimPorts } from '../ports/coordinator-ports.js';

const MAX_MESSAGES = 10;

/** Always receives as many messages as SQS allows. */
export function receivingTooMany(queue: BatchQueue): BatchQueue {
  return overrideMethods(queue, { receive: (_max, waitSeconds) => queue.receive(MAX_MESSAGES, waitSeconds) });
}

/** Sees an empty queue, and takes every message for a new one. */
export function ignoringInFlight({ queue }: SimPorts): BatchQueue {
  return overrideMethods(queue, {
    depth: () => Promise.resolve({ visible: 0, inFlight: 0, delayed: 0 }),
    receive: async (max, waitSeconds) => {
      const messages = await queue.receive(max, waitSeconds);
      return messages.map((received) => {
        const message = readBody(received.body);
        return message === undefined
          ? received
          : { ...received, body: asciiJson({ ...message, batchNumber: Number.MAX_SAFE_INTEGER }) };
      });
    },
  });
}

/** Deletes a message after the answers arrive, before they are committed. */
export function deletingBeforeCommit({ queue, functions }: SimPorts): Pick<SimPorts, 'queue' | 'functions'> {
  const receipts = new Map<string, string>();
  return {
    queue: overrideMethods(queue, {
      receive: async (max, waitSeconds) => {
        const messages = await queue.receive(max, waitSeconds);
        for (const { body, receiptHandle } of messages) {
          const batchId = readBody(body)?.batchId;
          if (batchId !== undefined) receipts.set(batchId, receiptHandle);
        }
        return messages;
      },
    }),
    functions: overrideMethods(functions, {
      invoke: async (worker, request, invokeCall) => {
        const response = await functions.invoke(worker, request, invokeCall);
        const receipt = receipts.get(request.batchId);
        if (receipt !== undefined && response.outcomes.every(({ status }) => status === 'succeeded'))
          await queue.deleteMany([receipt]).catch(() => undefined);
        return response;
      },
    }),
  };
}
