/** Events that two consecutive snapshots show and that no process records. */
import type { StatsEvent } from '../../../contracts/stats/stats.js';
import type { WorkerRecord } from '../../../contracts/worker/worker.js';
import type { Health } from '../snapshot/health.js';

export function noticeWorkers(
  before: readonly WorkerRecord[],
  after: readonly WorkerRecord[],
  nowMs: number,
): readonly StatsEvent[] {
  const known = new Map(before.map((worker) => [worker.id, worker]));
  return after.flatMap((worker) => {
    const old = known.get(worker.id);
    return old === undefined ? [] : changes(old, worker, nowMs);
  });
}

function changes(old: WorkerRecord, worker: WorkerRecord, nowMs: number): readonly StatsEvent[] {
  const workerId = worker.id;
  const atMs = Math.min(nowMs, worker.heartbeatAtMs);
  const isRestarted = old.startedAt !== worker.startedAt;
  const isFaulted = old.faults !== worker.faults;
  return [
    ...(isRestarted ? [{ atMs, name: 'worker.restarted', fields: { workerId } }] : []),
    ...(isFaulted ? [{ atMs, name: 'faults.changed', fields: { workerId, fault: worker.faults } }] : []),
  ];
}

/** Tasks answered or failed between two heartbeats of one process. */
export function servedBetween(old: WorkerRecord | undefined, worker: WorkerRecord): number {
  if (old === undefined || old.startedAt !== worker.startedAt) return 0;
  return Math.max(0, worker.served + worker.failed - old.served - old.failed);
}

/** That the stack or all coordinators fell silent, or are heard again: nobody else could write that down. */
export function noticeHealth(before: Health, after: Health, nowMs: number): readonly StatsEvent[] {
  const isNews = before.word !== after.word && before.word !== 'connecting';
  if (!isNews) return [];
  const reason = after.reason === undefined ? {} : { reason: after.reason };
  return [
    { atMs: nowMs, name: 'monitor.state', fields: { state: after.word, before: before.word, ...reason } },
  ];
}
