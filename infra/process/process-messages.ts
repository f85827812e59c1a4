/** Messages of a process to its supervisor over the IPC channel. */
import { z } from 'zod';

const processMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), url: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

export type ProcessMessage = Readonly<z.infer<typeof processMessage>>;

/** Nothing for what a supervisor does not know. */
export function readProcessMessage(value: unknown): ProcessMessage | undefined {
  return processMessage.safeParse(value).data;
}

/** Whether this process has a supervisor that can still hear it. */
export function isSupervised(): boolean {
  return process.connected && process.send !== undefined;
}

/** Resolves when the message has left this process, or cannot. */
export function sendToSupervisor(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (isSupervised()) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });
}
