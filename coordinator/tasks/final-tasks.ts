/** What is to be said of tasks that became final: a log line each, counters, latency, and the drain rate. */
import type { BatchDocument } from '../../contracts/batch.js';
import { isOpen } from '../../contracts/batch-state.js';
import type { Logger } from '../../contracts/ports.js';
import { taskAnswer } from '../../contracts/task-view.js';
import type { DrainRate } from '../intake/admission.js';
import type { Measures } from '../measures/measures.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';

export function tellFinalTasks(stats: StatsRecorder, measures: Measures, drain: DrainRate, logger: Logger) {
  return (batch: BatchDocument, slots: readonly number[]): void => {
    drain.drained(slots.length);
    for (const slot of slots) {
      const state = batch.slots[slot];
      if (state === undefined || isOpen(state)) continue;
      const { taskId, status, workerId, deliveries, error } = taskAnswer(batch, slot);
      stats.count(status);
      stats.count('retries', Math.max(0, deliveries - 1));
      stats.latency(state.totalMs);
      const queueMs = state.status === 'succeeded' ? state.queueMs : undefined;
      measures.taskFinal(state.status, state.totalMs, queueMs);
      logger.info(
        {
          requestId: batch.inputs[slot]?.requestId,
          taskId,
          workerId,
          delivery: deliveries,
          retries: Math.max(0, deliveries - 1),
          latencyMs: Math.round(state.totalMs * 10) / 10,
          outcome: status,
          ...(error === undefined ? {} : { error }),
        },
        'task.final',
      );
    }
  };
}
