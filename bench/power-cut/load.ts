/** Requests that only want to be accepted, and what was accepted when. */
import { z } from 'zod';
import type { HttpClient } from '../../client/http.js';
import { startClosedLoop } from '../../tools/kit/load/closed-loop.js';

export interface Accepted {
  readonly taskId: string;
  readonly atMs: number;
  /** A client was told its answer. */
  isAnswered: boolean;
}

const acceptedSchema = z.object({ tasks: z.array(z.object({ taskId: z.string() })).min(1) });
const answeredSchema = z.object({ taskId: z.string(), status: z.literal('succeeded') });

/** Every other request waits for its answer. Ends when the signal does. */
export async function accept(client: HttpClient, clients: number, signal: AbortSignal): Promise<Accepted[]> {
  const accepted: Accepted[] = [];
  let sent = 0;
  const send = async (number: number): Promise<void> => {
    const waits = number % 2 === 0;
    try {
      const reply = await client.send({
        method: 'POST',
        path: '/infer',
        headers: {
          'content-type': 'application/json',
          ...(waits ? {} : { prefer: 'respond-async' }),
        },
        body: JSON.stringify({ text: `Request ${number} was a wonderful surprise.` }),
      });
      const atMs = performance.now();
      const body: unknown = JSON.parse(reply.body);
      if (reply.status === 202) {
        for (const { taskId } of acceptedSchema.parse(body).tasks)
          accepted.push({ taskId, atMs, isAnswered: false });
      } else if (reply.status === 200) {
        accepted.push({ taskId: answeredSchema.parse(body).taskId, atMs, isAnswered: true });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  const loop = startClosedLoop({
    clients,
    next: () => (sent += 1),
    plannedAt: () => undefined,
    send,
    signal,
  });
  await loop.allSent;
  return accepted;
}
