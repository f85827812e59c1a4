/** Records tasks that became terminal: log lines, counters, latency, and the drain rate. */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { isOpen } from '../../contracts/batch/batch-state.js';
import { taskAnswer } from '../../contracts/http/task-view.js';
import type { DrainRate } from '../stats/drain-rate.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import type { TaskLog } from './task-log.js';

export function terminalTaskRecorder(
  stats: StatsRecorder,
  measures: Measures,
  drain: DrainRate,
  log: TaskLog,
) {
  return (batch: BatchDocument, taskIndexes: readonly number[]): void => {
    drain.recordTerminal(taskIndexes.length);
    const lines = taskIndexes.flatMap((taskIndex) => {
      const state = batch.tasks[taskIndex];
      if (state === undefined || isOpen(state)) return [];
      const { taskId, status, workerId, deliveries, error } = taskAnswer(batch, taskIndex);
      stats.count(state.status);
      stats.count('retries', Math.max(0, deliveries - 1));
      stats.recordLatency(state.totalMs);
      const queueMs = state.status === 'succeeded' ? state.queueMs : undefined;
      measures.recordTerminalTask(state.status, state.totalMs, queueMs);
      return {
        requestId: batch.inputs[taskIndex]?.requestId,
        taskId,
        workerId,
        delivery: deliveries,
        retries: Math.max(0, deliveries - 1),
        latencyMs: Math.round(state.totalMs * 10) / 10,
        outcome: status,
        ...(error === undefined ? {} : { error }),
      };
    });
    log.record(batch.id, lines);
  };
}
