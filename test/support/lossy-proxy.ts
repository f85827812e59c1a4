/** Stands between a client and a stack, and decides of each call whether it, or only its reply, is lost. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type CallTreatment = 'passes' | 'call lost' | 'reply lost';

export interface LossyProxy {
  readonly url: string;
  /** Decides by the call's name, such as `UpdateItem`. */
  treatment: (operation: string) => CallTreatment;
  readonly lost: { readonly operation: string; readonly treatment: CallTreatment }[];
  close(): Promise<void>;
}

export async function startLossyProxy(targetUrl: string): Promise<LossyProxy> {
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: LossyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    treatment: () => 'passes',
    lost: [],
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const operation = String(incoming.headers['x-amz-target']).replace(/^.*\./, '');
    const treatment = proxy.treatment(operation);
    if (treatment !== 'passes') proxy.lost.push({ operation, treatment });
    if (treatment === 'call lost') {
      outgoing.destroy();
      return;
    }
    const { status, headers, reply } = await forward(targetUrl, incoming, body);
    if (treatment === 'reply lost') {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(status, headers);
    outgoing.end(reply);
  }
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly reply: Buffer;
}

function forward(targetUrl: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(targetUrl);
    const call = request(
      new URL(url ?? '/', targetUrl),
      { method, headers: { ...headers, host } },
      (response) => {
        buffer(response).then(
          (reply) => resolve({ status: response.statusCode ?? 500, headers: withoutHops(response), reply }),
          reject,
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** The reply is sent whole, on a connection of its own. */
function withoutHops({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const { connection: _1, 'transfer-encoding': _2, 'keep-alive': _3, ...rest } = headers;
  return rest;
}
