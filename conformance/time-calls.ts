/** Measures what a call costs on a stack, warm, through the adapters that the product uses. */
import { batchOf } from '../coordinator/batch/batch-life.js';
import type { BatchDocument } from '../contracts/batch/batch.js';
import { newBatchId } from '../contracts/batch/ids.js';
import type { BatchMessage } from '../contracts/batch/message.js';
import type { Clock } from '../contracts/system/clock.js';
import type { Random } from '../contracts/system/random.js';
import type { StackPorts } from '../infra/aws/ports.js';
import { percentile } from '../tools/kit/numbers/percentile.js';

export interface CallCosts {
  /** p50 of calls one after the other, in the round that was disturbed least. */
  readonly ms: Readonly<Record<CallName, number>>;
  /** Puts of 1 KB, so many under way at a time. */
  readonly putsPerSecond: number;
}

export const CALLS = ['put1Kb', 'put5Kb', 'update', 'get', 'query', 'send', 'receive', 'delete'] as const;
export type CallName = (typeof CALLS)[number];

/** The machine has other things to do as well. */
const ROUNDS = 3;
const WARM_UP = 15;
const MEASURED = 50;
const AT_ONCE = 16;
const THROUGHPUT_MS = 1000;
const VISIBILITY_MS = 30_000;

export async function timeCalls(
  { batches, workers, queue }: StackPorts,
  clock: Clock,
  random: Random,
): Promise<CallCosts> {
  let serial = 0;
  const messageOf = (bytes: number): BatchMessage => {
    serial += 1;
    return {
      version: 1,
      batchId: newBatchId(clock, random),
      batchNumber: serial,
      coordinatorId: 'coordinator-costs',
      createdAtMs: clock.now(),
      send: 1,
      inputs: [{ text: 'x'.repeat(bytes), requestId: 'request-1', acceptedAtMs: clock.now() }],
    };
  };
  const put = async (bytes: number): Promise<BatchDocument> => {
    const batch = batchOf(messageOf(bytes), VISIBILITY_MS);
    await batches.create(batch);
    return batch;
  };
  const median = async (call: () => Promise<unknown>): Promise<number> => {
    const took: number[] = [];
    for (let nth = 0; nth < WARM_UP + MEASURED; nth += 1) {
      const startedAtMs = clock.monotonic();
      await call();
      if (nth >= WARM_UP) took.push(clock.monotonic() - startedAtMs);
    }
    return percentile(took, 0.5) ?? 0;
  };
  const time = async (call: () => Promise<unknown>): Promise<number> =>
    Math.min(...(await inTurn(() => median(call))));

  const handles: string[] = [];
  let read = await put(1000);
  const ms: Record<CallName, number> = {
    put1Kb: await time(() => put(1000)),
    put5Kb: await time(() => put(5000)),
    update: await time(async () => {
      const next = { ...read, rev: read.rev + 1, touchedAtMs: clock.now() };
      await batches.replace(read, next);
      read = next;
    }),
    get: await time(() => batches.read(read.id)),
    query: await time(() => workers.list()),
    send: await time(() => queue.send(messageOf(1000))),
    receive: await time(async () => {
      const received = await queue.receive(1, 0);
      handles.push(...received.map(({ receiptHandle }) => receiptHandle));
    }),
    delete: await time(() => queue.deleteMany(handles.splice(0, 1))),
  };
  const perSecond = await inTurn(() => throughput(clock, () => put(1000)));
  return { ms, putsPerSecond: Math.max(...perSecond) };
}

async function inTurn(measure: () => Promise<number>): Promise<number[]> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure());
  return rounds;
}

async function throughput(clock: Clock, call: () => Promise<unknown>): Promise<number> {
  const startedAtMs = clock.monotonic();
  let done = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (clock.monotonic() - startedAtMs < THROUGHPUT_MS) {
        await call();
        done += 1;
      }
    }),
  );
  return (done * 1000) / (clock.monotonic() - startedAtMs);
}
