import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_AGE_MS } from '../../../coordinator/http/event-stream.js';
import { OpenStreams } from '../../../coordinator/http/open-streams.js';
import { ManualClock } from '../../support/manual-clock.js';

/** The answer to a client at an address; ends as a connection that is read. */
class FakeResponse extends EventEmitter {
  readonly req: { readonly socket: { readonly remoteAddress: string } };
  readonly socket = null;
  destroyed = false;
  writableEnded = false;
  readonly writableNeedDrain = false;

  constructor(remoteAddress: string) {
    super();
    this.req = { socket: { remoteAddress } };
  }

  writeHead(): void {}
  write(): void {}

  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }
}

const stopping = { refusing: new AbortController().signal, waitingOver: new AbortController().signal };

describe('open streams', () => {
  let clock: ManualClock;
  let streams: OpenStreams;
  beforeEach(() => {
    clock = new ManualClock();
    streams = new OpenStreams(clock, stopping, { total: 4, perClient: 2, minAgeMs: 30_000 });
  });

  const open = (address: string): FakeResponse => {
    const response = new FakeResponse(address);
    streams.open(response as unknown as Response, () => undefined);
    return response;
  };

  it('of one client leave room for the others', () => {
    const held = [open('10.0.0.1'), open('10.0.0.1')];
    expect(() => open('10.0.0.1')).toThrow('2 event streams are open already from your address');
    open('10.0.0.2');
    held[0]?.end();
    open('10.0.0.1');
  });

  it('are bounded in all, and say when to come back', () => {
    for (const address of ['a', 'a', 'b', 'b']) open(address);
    clock.advance(10_000);
    expect(() => open('c')).toThrow(
      expect.objectContaining({
        code: 'too_many_streams',
        message: '4 event streams are open already',
        details: { retryAfterSeconds: 20 },
      }) as Error,
    );
  });

  it('give up the oldest place after a while', () => {
    const held = ['a', 'a', 'b', 'b'].map(open);
    clock.advance(30_000);
    const newcomers = [open('c'), open('b')];
    expect(held.map(({ writableEnded }) => writableEnded)).toEqual([true, false, true, false]);
    expect(newcomers.some(({ writableEnded }) => writableEnded)).toBe(false);
  });

  it('end at an age, though nobody wants their place', async () => {
    const stream = open('a');
    const pass = async (ms: number) => {
      clock.advance(ms);
      await new Promise(setImmediate);
    };
    await pass(MAX_AGE_MS - 20_000);
    expect(stream.writableEnded).toBe(false);
    await pass(10_000);
    await pass(10_000);
    expect(stream.writableEnded).toBe(true);
  });
});
