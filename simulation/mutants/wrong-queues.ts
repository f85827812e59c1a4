/** Bugs that sit between a coordinator, its queue and its workers. */
import type { BatchQueue } from '../../contracts/stack/batch-queue.js';
import { asciiJson } from '../../contracts/common/text.js';
import { readBody } from '../../coordinator/delivery/open-batch.js';
import { instead } from '../engine/override-calls.js';
import type { SimPorts } from '../ports/coordinator-ports.js';

const MOST_AT_ONCE = 10;

/** Asks for as many messages as a receive can bring. */
export function greedy(queue: BatchQueue): BatchQueue {
  return instead(queue, { receive: (_max, waitSeconds) => queue.receive(MOST_AT_ONCE, waitSeconds) });
}

/** Believes that nothing waits in the queue or is in flight, and that what comes out was sent a moment ago. */
export function ignoringInFlight({ queue }: SimPorts): BatchQueue {
  return instead(queue, {
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

/** Deletes a batch's message as soon as the answers are there, before they are committed. */
export function hasty({ queue, functions }: SimPorts): Pick<SimPorts, 'queue' | 'functions'> {
  const receipts = new Map<string, string>();
  return {
    queue: instead(queue, {
      receive: async (max, waitSeconds) => {
        const messages = await queue.receive(max, waitSeconds);
        for (const { body, receiptHandle } of messages) {
          const batchId = readBody(body)?.batchId;
          if (batchId !== undefined) receipts.set(batchId, receiptHandle);
        }
        return messages;
      },
    }),
    functions: instead(functions, {
      invoke: async (worker, request, exchange) => {
        const response = await functions.invoke(worker, request, exchange);
        const receipt = receipts.get(request.batchId);
        if (receipt !== undefined && response.outcomes.every(({ status }) => status === 'succeeded'))
          await queue.deleteMany([receipt]).catch(() => undefined);
        return response;
      },
    }),
  };
}
