/** Stands between clients and a stack and refuses some calls as AWS does; the others go through. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface Refusal {
  /** As in the answer's `__type`. */
  readonly name: string;
  readonly message?: string;
}

/** @param body the request's JSON */
export type Refuse = (operation: string, body: string) => Refusal | undefined;

export interface RefusingProxy {
  readonly url: string;
  refuse: Refuse;
  /** How many calls were refused. */
  refused: number;
  close(): void;
}

const PASSED_ON = ['content-type', 'x-amz-target', 'authorization', 'x-amz-date'];

export async function startRefusingProxy(targetUrl: string): Promise<RefusingProxy> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const target = String(request.headers['x-amz-target']);
      const refusal = proxy.refuse(target.replace(/^.*\./, ''), body);
      if (refusal !== undefined) {
        proxy.refused += 1;
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify({ __type: refusal.name, message: refusal.message ?? refusal.name }));
        return;
      }
      const headers = PASSED_ON.map((name): [string, string] => [name, String(request.headers[name] ?? '')]);
      const answer = await fetch(targetUrl, { method: 'POST', headers, body });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RefusingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: () => undefined,
    refused: 0,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}

const updateSchema = z.object({ Key: z.object({ id: z.object({ S: z.string() }) }) });

/** The batch that an UpdateItem is about. */
export function updatedBatch(body: string): string | undefined {
  const parsed = updateSchema.safeParse(JSON.parse(body));
  return parsed.success ? parsed.data.Key.id.S : undefined;
}
