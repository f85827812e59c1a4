import { FaultSyntaxError, parseFaults } from '../../contracts/faults.js';
import { ChaosError } from './system.js';

/** `200±50` or `200+-50`, milliseconds: written as the fault `delay` is. @throws ChaosError */
export function parseLatency(text: string): { readonly delayMs: number; readonly jitterMs: number } {
  try {
    const { meanMs, spreadMs } = parseFaults(`delay=${text.replace(/\s*ms$/, '')}`).delay ?? {
      meanMs: 0,
      spreadMs: 0,
    };
    return { delayMs: meanMs, jitterMs: spreadMs };
  } catch (error) {
    if (!(error instanceof FaultSyntaxError)) throw error;
    throw new ChaosError(`"${text}" is no latency; expected milliseconds, such as 200 or 200±50`);
  }
}
