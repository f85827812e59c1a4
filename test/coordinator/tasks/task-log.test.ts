import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../contracts/system/logger.js';
import { TaskLog, type FinalTaskFields } from '../../../coordinator/tasks/task-log.js';
import { silent } from '../../support/embedded.js';
import { ManualClock } from '../../support/manual-clock.js';

const tasks = (count: number, outcome: FinalTaskFields['outcome'] = 'succeeded'): FinalTaskFields[] =>
  Array.from({ length: count }, (_, index) => ({ latencyMs: index, outcome }));

function taskLog() {
  const lines: { readonly event: string; readonly fields: object }[] = [];
  const logger: Logger = { ...silent, info: (fields, event) => lines.push({ event, fields }) };
  const clock = new ManualClock();
  const count = (event: string) => lines.filter((line) => line.event === event).length;
  return { log: new TaskLog(logger, clock), clock, lines, count };
}

describe('the log of tasks', () => {
  it('has a line for each task while there are few, and one for each batch above that', () => {
    const { log, count, lines } = taskLog();
    for (let batch = 0; batch < 20; batch += 1) log.record(`batch-${batch}`, tasks(10));
    expect(count('task.final')).toBe(100);
    expect(count('tasks.final')).toBe(10);
    expect(lines.at(-1)?.fields).toEqual({
      batchId: 'batch-19',
      tasks: 10,
      latencyMs: 9,
      outcome: 'succeeded',
    });
  });

  it('has a line for each again when there are few again', () => {
    const { log, clock, count } = taskLog();
    log.record('many', tasks(1000));
    clock.advance(1000);
    log.record('few', tasks(10));
    expect([count('task.final'), count('tasks.final')]).toEqual([10, 1]);
  });

  it('always has one for what did not succeed, and for a task that travels alone', () => {
    const { log, count } = taskLog();
    log.record('many', [...tasks(1000), ...tasks(3, 'failed'), ...tasks(2, 'expired')]);
    log.record('alone', tasks(1));
    expect([count('task.final'), count('tasks.final')]).toEqual([6, 1]);
  });
});
