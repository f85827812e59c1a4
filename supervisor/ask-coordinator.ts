/** The supervisor's own requests to the coordinator: whether it is ready, and one sentence for the banner. */
import { setTimeout as pause } from 'node:timers/promises';

const POLL_EVERY_MS = 25;
const POLL_TIMEOUT_MS = 2000;
const NOTICE_EVERY_MS = 10_000;
/** The banner does not wait for an injected fault to be repaired. */
const SAMPLE_TIMEOUT_MS = 1500;

/** Resolves when `GET /readyz` says 200, or when the signal comes. */
export async function waitUntilReady(
  coordinatorUrl: string,
  signal: AbortSignal,
  onStillWaiting: (reason: string) => void,
  apiKey?: string,
): Promise<void> {
  let noticeAtMs = performance.now() + NOTICE_EVERY_MS;
  while (!signal.aborted) {
    const reason = await whyNotReady(coordinatorUrl, apiKey);
    if (reason === undefined) return;
    if (performance.now() >= noticeAtMs) {
      onStillWaiting(reason);
      noticeAtMs += NOTICE_EVERY_MS;
    }
    await pause(POLL_EVERY_MS);
  }
}

async function whyNotReady(coordinatorUrl: string, apiKey: string | undefined): Promise<string | undefined> {
  try {
    const response = await fetch(`${coordinatorUrl}/readyz`, {
      headers: authorizationOf(apiKey),
      signal: AbortSignal.timeout(POLL_TIMEOUT_MS),
    });
    const body = await response.text();
    return response.status === 200 ? undefined : `${response.status} ${body.slice(0, 256)}`;
  } catch (error) {
    return String(error);
  }
}

function authorizationOf(apiKey: string | undefined): Record<string, string> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}

/** The answer as the coordinator sends it, if it comes quickly. */
export async function askSample(
  coordinatorUrl: string,
  text: string,
  apiKey: string | undefined,
): Promise<string | undefined> {
  try {
    const response = await fetch(`${coordinatorUrl}/infer`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...authorizationOf(apiKey),
      },
      body: JSON.stringify({ text }),
      signal: AbortSignal.timeout(SAMPLE_TIMEOUT_MS),
    });
    const body = await response.text();
    return response.status === 200 ? body.trim() : undefined;
  } catch {
    return undefined; // the banner does without it
  }
}
