import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { relayOutput } from '../../../../functions/runtime/host/relay-output.js';
import { eventually } from '../../../support/eventually.js';

function relay() {
  const source = new PassThrough();
  const written: string[] = [];
  relayOutput(source, (lines) => written.push(lines), { maxBytes: 100, windowMs: 50 });
  return { source, written };
}

it('hands on whole lines of what a function prints, the last one without its break, too', async () => {
  const { source, written } = relay();
  source.write('one\ntw');
  source.end('o');
  await eventually(() => written.length === 2);
  expect(written).toEqual(['one\n', 'two\n']);
});

it('reads a flood to its end, drops most of it and says how much', async () => {
  const { source, written } = relay();
  for (let index = 0; index < 1000; index += 1) source.write(`${'x'.repeat(9)}\n`);
  await eventually(() => written.some((line) => line.startsWith('…')));
  expect(written).toHaveLength(11);
  expect(written.at(-1)).toBe('… 9900 bytes that the function printed were left out\n');
  source.write('later\n');
  await eventually(() => written.includes('later\n'));
});
