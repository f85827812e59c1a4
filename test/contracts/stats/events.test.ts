import { describe, expect, it } from 'vitest';
import { describeEvent, sentenceOf } from '../../../contracts/stats/events.js';

const sentence = (name: string, fields: Readonly<Record<string, string | number>>): string =>
  sentenceOf(describeEvent({ atMs: 0, name, fields }));

describe('an event', () => {
  it.each([
    ['worker.registered', { workerId: 'w', process: 'known' }, 'w sends heartbeats again'],
    ['worker.registered', { workerId: 'w', process: 'new' }, 'w started'],
    [
      'delivery.failed',
      { workerId: 'a,b', delivery: 2, error: 'drop: gone' },
      'a, b failed delivery 2: drop',
    ],
    ['delivery.failed', { workerId: 'a', delivery: 1 }, 'a failed delivery 1: no reason given'],
    ['batch.dead_lettered', { batchId: 'b', tasks: 1 }, '1 task dead-lettered'],
    ['batch.resent', { reason: 'queue_emptied' }, 'a message was sent again: queue emptied'],
  ])('%s %j is told in a sentence', (name, fields, expected) => {
    expect(sentence(name, fields)).toBe(expected);
  });

  it('of another version is told by its name and fields', () => {
    expect(sentence('worker.promoted', { workerId: 'w' })).toBe('worker.promoted workerId w');
    expect(describeEvent({ atMs: 0, name: 'worker.promoted', fields: {} }).severity).toBe('unknown');
  });
});
