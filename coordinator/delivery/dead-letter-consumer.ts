/**
 * Takes in what SQS gave up: after too many receives a message lies in the dead-letter queue, and the open tasks of
 * its batch fail for good, each with its last reason. Stacks move a message at different counts; nothing here depends
 * on it.
 */
import { batchOf, deadLetter } from '../../contracts/batch-life.js';
import type { Clock, Logger, MessageSource, ReceivedMessage } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { repeat } from '../repeat.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { rewriteBatch, type Durations, type RewritePorts } from '../tasks/rewrite-batch.js';
import { readBody } from './open-batch.js';

const INTERVAL_MS = 1000;
const MOST_AT_ONCE = 10;

export interface DeadLetterPorts extends RewritePorts {
  readonly clock: Clock;
  readonly deadLetters: MessageSource;
  readonly stats: StatsRecorder;
  readonly logger: Logger;
}

/** @returns the way to stop */
export function startDeadLetterConsumer(ports: DeadLetterPorts, durations: Durations): () => Promise<void> {
  return repeat(ports.clock, INTERVAL_MS, async () => {
    try {
      let messages: readonly ReceivedMessage[];
      do {
        messages = await ports.deadLetters.receive(MOST_AT_ONCE, 0);
        await consume(ports, durations, messages);
      } while (messages.length > 0);
    } catch (error) {
      ports.logger.warn({ error: messageOf(error) }, 'dead_letters.unread');
    }
  });
}

async function consume(
  ports: DeadLetterPorts,
  durations: Durations,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  const done: string[] = [];
  for (const { messageId, receiptHandle, body } of messages) {
    const message = readBody(body);
    if (message === undefined) {
      ports.logger.error({ messageId }, 'message.unreadable');
    } else {
      const original = batchOf(message, durations.visibilityTimeoutMs);
      await rewriteBatch(ports, durations, { known: original, original, change: deadLetter });
      ports.stats.count('deadLetters');
      ports.stats.event('batch.dead_lettered', { batchId: message.batchId });
      ports.logger.warn({ batchId: message.batchId }, 'batch.dead_lettered');
      done.push(receiptHandle);
    }
  }
  if (done.length > 0) await ports.deadLetters.deleteMany(done);
}
