/** The requests of all clients and their times, drawn before the execution starts. */
import type { InferRequest } from '../../contracts/http/api.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import { ENDLESS, UNUSABLE, POISON } from '../workers/function-model.js';

export interface PlannedRequest {
  readonly atMs: number;
  readonly requestId: string;
  readonly request: InferRequest;
  readonly key: string | undefined;
  /** How long the client waits for its answers. With 0 it asks for ids only. */
  readonly waitMs: number;
  /** Probability that the client cancels a task that is not terminal in the answer. */
  readonly cancelProbability: number;
}

export interface LoadSettings {
  readonly tasks: number;
  readonly durationMs: number;
  readonly bursts: number;
  readonly withKey: number;
  readonly withDeadline: number;
  readonly cancelled: number;
  readonly withPoison: number;
  readonly unusable: number;
}

const MAX_LIST_TEXTS = 40;
const KEY_REUSE_PROBABILITY = 0.5;

export function planRequests(random: SeededRandom, load: LoadSettings): PlannedRequest[] {
  const bursts = Array.from({ length: load.bursts }, () => random.between(0, load.durationMs));
  const plan: PlannedRequest[] = [];
  let serial = 0;
  for (let left = load.tasks; left > 0;) {
    const isList = random.chance(0.25);
    const count = Math.min(left, isList ? 1 + random.below(MAX_LIST_TEXTS) : 1);
    left -= count;
    serial += 1;
    const planned = planRequest(random, load, bursts, serial, count, isList);
    plan.push(planned);
    if (planned.key === undefined || !random.chance(KEY_REUSE_PROBABILITY)) continue;
    const laterMs = random.chance(0.5) ? random.between(0, 10) : random.magnitude(10, load.durationMs);
    plan.push({ ...planned, atMs: planned.atMs + laterMs, requestId: `${planned.requestId}again` });
  }
  return plan;
}

function planRequest(
  random: SeededRandom,
  load: LoadSettings,
  bursts: readonly number[],
  serial: number,
  count: number,
  isList: boolean,
): PlannedRequest {
  const inBurst = bursts.length > 0 && random.chance(0.5);
  const atMs = inBurst ? random.pick(bursts) + random.between(0, 50) : random.between(0, load.durationMs);
  const texts = Array.from({ length: count }, (_, index) => drawText(random, load, serial, index));
  const deadline = random.chance(load.withDeadline) ? { deadlineMs: random.magnitude(20, 60_000) } : {};
  return {
    atMs,
    requestId: `request-${serial}`,
    request: isList ? { texts, ...deadline } : { text: texts[0] ?? '', ...deadline },
    key: random.chance(load.withKey) ? `key-${serial}` : undefined,
    waitMs: random.chance(0.3) ? 0 : random.magnitude(100, 30_000),
    cancelProbability: load.cancelled,
  };
}

function drawText(random: SeededRandom, load: LoadSettings, serial: number, index: number): string {
  const special = random.next();
  if (special < load.withPoison / 2) return `${ENDLESS} ${serial}.${index}`;
  if (special < load.withPoison) return `${POISON} ${serial}.${index}`;
  if (special < load.withPoison + load.unusable) return `${UNUSABLE} ${serial}.${index}`;
  return `text ${serial}.${index}`;
}
