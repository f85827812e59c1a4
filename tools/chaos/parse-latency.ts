import { FaultSyntaxError, withItem } from '../../contracts/worker/fault-items.js';
import { FAULT_PROFILES } from '../../contracts/worker/fault-plan.js';
import { UsageError } from '../kit/system/system.js';

const NO_DELAY = { meanMs: 0, spreadMs: 0 };

/** `200±50` or `200+-50`, milliseconds: written as the fault `delay` is. @throws UsageError */
export function parseLatency(text: string): { readonly delayMs: number; readonly jitterMs: number } {
  const latency = readLatency(text);
  if (latency.jitterMs <= latency.delayMs) return latency;
  throw new UsageError(
    `"${text}" is no latency: it would be negative; expected no more after ± than before it`,
  );
}

function readLatency(text: string) {
  try {
    const { delay = NO_DELAY } = withItem(FAULT_PROFILES.none, 'delay', text.replace(/\s*ms$/, ''));
    return { delayMs: delay.meanMs, jitterMs: delay.spreadMs };
  } catch (error) {
    if (!(error instanceof FaultSyntaxError)) throw error;
    throw new UsageError(`"${text}" is no latency; expected milliseconds, such as 200 or 200±50`);
  }
}
