/**
 * Sends the state of this worker to the coordinator every second. A slow or failing coordinator does not disturb the worker:
 * at most one heartbeat is pending, and it times out before the next is due.
 */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Logger } from '../../../contracts/system/logger.js';
import { boundedMessage, messageOf, parseJson } from '../../../contracts/common/text.js';
import { HEARTBEAT_INTERVAL_MS, type Heartbeat } from '../../../contracts/worker/worker.js';

const BEAT_TIMEOUT_MS = 800;
/** One failure is no problem: at a normal stop the coordinator ends a moment before its workers. */
const FAILURES_BEFORE_WARNING = 2;

export interface HeartbeatOptions {
  readonly coordinatorUrl: string;
  readonly workerId: string;
  readonly token: string;
  readonly report: () => Heartbeat;
  readonly logger: Logger;
}

const refusalSchema = z.object({ code: z.string().max(64), detail: z.string() });

function describeRefusal(status: number, body: string): string {
  const refusal = refusalSchema.safeParse(parseJson(body));
  if (!refusal.success) return `HTTP ${status}`;
  return boundedMessage(`HTTP ${status} ${refusal.data.code}: ${refusal.data.detail}`);
}

export class HeartbeatSender {
  readonly #options: HeartbeatOptions;
  readonly #url: URL;
  readonly #agent = new Agent({ connections: 1 });
  #timer: NodeJS.Timeout | undefined;
  #pending: Promise<void> | undefined;
  /** Unknown before the first success, because workers may start before their coordinator. */
  #isAccepted: boolean | undefined;
  #failuresInARow = 0;
  #isStopping = false;
  #beats = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#url = new URL(`/workers/${encodeURIComponent(options.workerId)}/heartbeat`, options.coordinatorUrl);
  }

  start(): void {
    void this.#beat();
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_INTERVAL_MS);
  }

  /** An additional heartbeat after a change. */
  sendNow(): void {
    if (!this.#isStopping) void this.#beatAfterPending();
  }

  /** Sends the current state after the pending heartbeat. A failure is not logged. */
  async sendLast(): Promise<void> {
    this.#isStopping = true;
    await this.#beatAfterPending();
  }

  async #beatAfterPending(): Promise<void> {
    await this.#pending;
    await this.#beat();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pending;
    await this.#agent.destroy();
  }

  #beat(): Promise<void> {
    this.#pending ??= this.#send().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  async #send(): Promise<void> {
    const { token, report } = this.#options;
    try {
      const { statusCode, body } = await request(this.#url, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...report(), beat: (this.#beats += 1) } satisfies Heartbeat),
        signal: AbortSignal.timeout(BEAT_TIMEOUT_MS),
      });
      const text = await body.text();
      const isRefused = statusCode >= 400 && statusCode < 500;
      this.#recordResult(statusCode < 300 ? undefined : describeRefusal(statusCode, text), isRefused);
    } catch (error) {
      this.#recordResult(messageOf(error));
    }
  }

  /** Logs changes only, or a missing coordinator would fill the log. A refusal is logged even before the first success. */
  #recordResult(problem: string | undefined, isRefused = false): void {
    const isAccepted = problem === undefined;
    this.#failuresInARow = isAccepted ? 0 : this.#failuresInARow + 1;
    if (!isAccepted && (this.#isStopping || this.#failuresInARow < FAILURES_BEFORE_WARNING)) return;
    const wasAccepted = this.#isAccepted;
    if (isAccepted === wasAccepted || (!isAccepted && wasAccepted === undefined && !isRefused)) return;
    this.#isAccepted = isAccepted;
    const { logger, workerId, coordinatorUrl } = this.#options;
    if (!isAccepted) logger.warn({ workerId, coordinatorUrl, problem }, 'heartbeat.send_failed');
    else
      logger.info(
        { workerId, coordinatorUrl },
        wasAccepted === undefined ? 'heartbeat.accepted' : 'heartbeat.recovered',
      );
  }
}
