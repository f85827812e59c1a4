/** Kill, pause and resume go the way that `npm run chaos` goes: through the supervisor, or the container engine. */
import { messageOf } from '../../contracts/common/text.js';
import { describeAction } from '../kit/system/describe-action.js';
import { ChaosError, type ChaosSystem } from '../kit/system/system.js';
import type { WorkerAction } from './ui/state.js';

export interface ControlParts {
  /** The system on the data folder. @throws NothingRunsError */
  readonly connect: () => Promise<Pick<ChaosSystem, 'stackUrl' | 'processes' | 'kill' | 'pause' | 'resume'>>;
  /** The watched endpoint: a worker of the same name may run elsewhere. */
  readonly endpoint: string;
}

export interface ActionResult {
  readonly text: string;
  readonly style: 'good' | 'bad';
}

/** Never throws: what could not be done is told. */
export async function act(
  parts: ControlParts,
  action: WorkerAction,
  workerId: string,
): Promise<ActionResult> {
  try {
    const system = await parts.connect();
    if (!isSameEndpoint(system.stackUrl, parts.endpoint)) {
      const text = `nothing done: the system found uses another stack (${system.stackUrl}); name its data folder with --data`;
      return { text, style: 'bad' };
    }
    const before = (await system.processes()).find(({ name }) => name === workerId)?.state;
    await system[action](workerId);
    return { text: `${workerId}: ${describeAction(action, before)}`, style: 'good' };
  } catch (error) {
    if (!(error instanceof ChaosError)) throw error;
    return { text: messageOf(error), style: 'bad' };
  }
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export function isSameEndpoint(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return one === other;
  const [first, second] = [new URL(one), new URL(other)];
  const isSameHost =
    first.hostname === second.hostname || (LOOPBACK.test(first.hostname) && LOOPBACK.test(second.hostname));
  return isSameHost && first.port === second.port;
}
