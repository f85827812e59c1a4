/**
 * Same key, same task. The record of a key is created after its tasks were stored and sent and before the client is
 * answered; of two that race, the loser cancels its own tasks and answers with the winner's.
 */
import { createHash } from 'node:crypto';
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { TaskId } from '../../contracts/batch/ids.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { IdempotencyRecord, KeyStore } from '../../contracts/stack/stores.js';
import type { InferRequest } from '../../contracts/http/api.js';

export interface IdempotencyPorts {
  readonly clock: Clock;
  readonly keys: KeyStore;
}

/** Hashes what makes two requests the same: the texts, whether it was one or a list, and the deadline asked for. */
export function requestHash({ text, texts, deadlineMs }: InferRequest): string {
  const content = JSON.stringify([text ?? null, texts ?? null, deadlineMs ?? null]);
  return createHash('sha256').update(content).digest('base64url');
}

/**
 * @param accept stores and sends the tasks
 * @param abandon called with tasks that were accepted but lost the race
 * @throws BoomerangError `idempotency_conflict` where the key stands for another request
 */
export async function acceptOnce(
  ports: IdempotencyPorts,
  key: string,
  hash: string,
  retentionMs: number,
  accept: () => Promise<readonly TaskId[]>,
  abandon: (taskIds: readonly TaskId[]) => void,
): Promise<readonly TaskId[]> {
  const known = await ports.keys.read(key);
  if (known !== undefined) return sameRequest(known, hash);
  const taskIds = await accept();
  const expiresAtMs = ports.clock.now() + retentionMs;
  const winner = await ports.keys.create({ key, requestHash: hash, taskIds, expiresAtMs });
  if (winner === 'created' || winner.taskIds[0] === taskIds[0]) return taskIds;
  abandon(taskIds);
  return sameRequest(winner, hash);
}

function sameRequest(record: IdempotencyRecord, hash: string): readonly TaskId[] {
  if (record.requestHash !== hash) {
    throw new BoomerangError('idempotency_conflict', 'this key was used with another body');
  }
  return record.taskIds;
}
