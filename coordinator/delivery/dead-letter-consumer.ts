/**
 * Takes in what SQS gave up: after too many receives a message lies in the dead-letter queue, and the open tasks of
 * its batch fail for good, each with its last reason. Stacks move a message at different counts; nothing here depends
 * on it.
 */
import { batchOf, deadLetter } from '../batch/batch-life.js';
import { openTaskIndexes } from '../../contracts/batch/batch-state.js';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { BatchId } from '../../contracts/batch/ids.js';
import type { BatchMessage } from '../../contracts/batch/message.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { MessageSource, ReceivedMessage } from '../../contracts/stack/batch-queue.js';
import { inParallel } from '../async/in-parallel.js';
import { repeat } from '../async/repeat.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import { rewriteBatchWithResult, type BatchTimeouts, type RewritePorts } from '../ledger/rewrite-batch.js';
import { logFailure } from './log-failure.js';
import { readBody } from './open-batch.js';
import type { UnreadableMessages } from './unreadable-messages.js';

const INTERVAL_MS = 1000;
const MAX_AT_ONCE = 10;

export interface DeadLetterPorts extends RewritePorts {
  readonly clock: Clock;
  readonly deadLetters: MessageSource;
  readonly stats: StatsRecorder;
  readonly unreadable: UnreadableMessages;
  readonly logger: Logger;
}

/** @returns the way to stop */
export function startDeadLetterConsumer(
  ports: DeadLetterPorts,
  durations: BatchTimeouts,
): () => Promise<void> {
  return repeat(ports.clock, INTERVAL_MS, async () => {
    try {
      let messages: readonly ReceivedMessage[];
      do {
        messages = await ports.deadLetters.receive(MAX_AT_ONCE, 0);
        await consume(ports, durations, messages);
      } while (messages.length > 0);
    } catch (error) {
      logFailure(ports.logger, 'warn', error, {}, 'dead_letters.receive_failed');
    }
  });
}

/** A message that cannot be settled hinders none of its neighbours; it comes again. */
async function consume(
  ports: DeadLetterPorts,
  durations: BatchTimeouts,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  const done: string[] = [];
  const unavailable: StackUnavailableError[] = [];
  const settle = async ({ messageId, receiptHandle, body }: ReceivedMessage): Promise<void> => {
    const message = readBody(body);
    if (message === undefined) {
      ports.unreadable.received(messageId);
      return;
    }
    try {
      const tasks = await failOpenTasks(ports, durations, message);
      if (tasks > 0) recordDeadLetters(ports, message.batchId, tasks);
      done.push(receiptHandle);
    } catch (error) {
      if (error instanceof StackUnavailableError) unavailable.push(error);
      else
        logFailure(ports.logger, 'error', error, { batchId: message.batchId }, 'dead_letter.settle_failed');
    }
  };
  await inParallel(messages, MAX_AT_ONCE, settle);
  if (done.length > 0) await ports.deadLetters.deleteMany(done);
  if (unavailable[0] !== undefined) throw unavailable[0];
}

/** @returns how many tasks it failed: none where all were final by then */
async function failOpenTasks(
  ports: DeadLetterPorts,
  durations: BatchTimeouts,
  message: BatchMessage,
): Promise<number> {
  const original = batchOf(message, durations.visibilityTimeoutMs);
  await ports.ledger.stored(original.id).catch(() => undefined);
  const { result } = await rewriteBatchWithResult(ports, durations, {
    known: ports.ledger.get(original.id) ?? original,
    original,
    change: (batch, move) => ({
      next: deadLetter(batch, move),
      result: openTaskIndexes(batch).length,
    }),
  });
  return result;
}

function recordDeadLetters({ stats, logger }: DeadLetterPorts, batchId: BatchId, tasks: number): void {
  stats.count('deadLetters', tasks);
  stats.event('batch.dead_lettered', { batchId, tasks });
  logger.warn({ batchId, tasks }, 'batch.dead_lettered');
}
