import { expect, it } from 'vitest';
import { UnreadableMessages } from '../../../coordinator/delivery/unreadable-messages.js';
import { memoryLogger, type LogLine } from '../../support/running-coordinator.js';

function listen() {
  const log: LogLine[] = [];
  let counted = 0;
  const messages = new UnreadableMessages({ count: () => void (counted += 1) }, memoryLogger(log));
  return { messages, log, counted: () => counted };
}

it('logs each message once and counts every receive', () => {
  const { messages, log, counted } = listen();
  for (let time = 0; time < 5; time += 1) for (const id of ['a', 'b']) messages.received(id);
  expect(log.map(({ event, fields }) => [event, fields['messageId']])).toEqual([
    ['message.unreadable', 'a'],
    ['message.unreadable', 'b'],
  ]);
  expect(counted()).toBe(10);
});

it('remembers a bounded number: what comes after very many others is news again', () => {
  const { messages, log } = listen();
  for (let id = 0; id <= 10_000; id += 1) messages.received(String(id));
  messages.received('0');
  expect(log.filter(({ fields }) => fields['messageId'] === '0')).toHaveLength(2);
});
