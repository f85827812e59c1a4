import { describe, expect, it } from 'vitest';
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import { Execution } from '../../simulation/engine/execution.js';
import { Host } from '../../simulation/engine/host.js';
import { SeededRandom } from '../../infra/process/seeded-random.js';
import { VirtualTime } from '../../simulation/engine/virtual-time.js';
import { WallClock } from '../../simulation/engine/wall-clock.js';
import { StackLink } from '../../simulation/network/stack-link.js';
import {
  CALL_FAULTS,
  CALL_TIMEOUT_MS,
  NetworkModel,
  type CallFault,
} from '../../simulation/network/network-model.js';

const CALLS = 200;
const VERY_SLOW = 3000;

/** How long each call of a stack that is very slow took its caller, and how many were given up. */
async function callSlowly(fault: CallFault, waitMs: number) {
  const time = new VirtualTime();
  const execution = new Execution(time, new SeededRandom(1));
  const network = new NetworkModel(execution);
  network.setSlowness(VERY_SLOW);
  const none = Object.fromEntries(CALL_FAULTS.map((each) => [each, 0])) as Record<CallFault, number>;
  network.setFaults({ ...none, [fault]: 1 });
  const link = new StackLink(
    execution,
    network,
    new Host(time, new WallClock({ offsetMs: 0, driftPpm: 0 }), 'caller'),
  );
  const tookMs: number[] = [];
  let givenUp = 0;
  for (let call = 0; call < CALLS; call += 1) {
    link
      .callWaiting('queue', 'look', (answer) => void time.after(waitMs, () => answer('seen')), waitMs)
      .catch((error: unknown) => {
        if (error instanceof StackUnavailableError) givenUp += 1;
      })
      .finally(() => tookMs.push(time.nowMs));
  }
  await time.runUntil(() => false, Infinity);
  return { tookMs, givenUp };
}

describe('a simulated call', () => {
  const survived = CALL_FAULTS.filter((fault) => !fault.startsWith('caller-dies'));

  it.each(survived)('ends within its time limit where the stack is slow and it is %s', async (fault) => {
    const waitMs = fault === 'refused' ? 0 : 1000;
    const { tookMs, givenUp } = await callSlowly(fault, waitMs);
    expect(tookMs).toHaveLength(CALLS);
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(CALL_TIMEOUT_MS + waitMs);
    expect(givenUp).toBeGreaterThan(0);
  });
});
