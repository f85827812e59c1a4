import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectionsWithin, guardConnections } from '../../../infra/process/connection-guard.js';
import { eventually } from '../../support/eventually.js';
import { memoryLogger, type LogLine } from '../../support/run-coordinator.js';

async function guarded(maxConnections: number) {
  const log: LogLine[] = [];
  const waiting: ServerResponse[] = [];
  const server: Server = createServer((request, response) => {
    if (request.url === '/wait') waiting.push(response);
    else if (request.method === 'POST') request.resume().on('end', () => response.end('read'));
    else response.end('answered');
  });
  guardConnections(server, { logger: memoryLogger(log), maxConnections });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  const hold = async (bytes = ''): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket.on('error', () => undefined).resume());
    await once(socket, 'connect');
    socket.write(bytes);
    return socket;
  };
  const ask = async (path: string): Promise<IncomingMessage> => {
    const request = get({ port, host: '127.0.0.1', path, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response.resume();
  };
  return { server, log, waiting, hold, ask };
}

describe('connections that strangers hold', () => {
  it.each([
    ['saying nothing', ''],
    ['with headers that do not end', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['with a body that does not end', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{'],
  ])('end before others are refused: %s', async (_how, bytes) => {
    const { hold, ask, log } = await guarded(10);
    const held: Socket[] = [];
    for (let count = 0; count < 10; count += 1) held.push(await hold(bytes));
    for (let count = 0; count < 5; count += 1) expect((await ask('/')).statusCode).toBe(200);
    await eventually(() => held.some(({ closed }) => closed));
    expect(held.filter(({ closed }) => closed)).toHaveLength(1);
    expect(log).toEqual([
      { event: 'connections.limit_reached', fields: { maxConnections: 10, closed: 1, refused: 0 } },
    ]);
  });

  it('do not cost those their connection who wait for an answer', async () => {
    const { hold, ask, waiting } = await guarded(4);
    const answers = [ask('/wait'), ask('/wait')];
    await eventually(() => waiting.length === 2);
    for (let count = 0; count < 10; count += 1) await hold();
    for (const response of waiting) response.end();
    for (const answer of answers) expect((await answer).statusCode).toBe(200);
  });

  it('are refused where all others wait for an answer', async () => {
    const { hold, ask, waiting, log } = await guarded(2);
    const answers = [ask('/wait'), ask('/wait')];
    await eventually(() => waiting.length === 2);
    const late = await hold();
    await eventually(() => late.closed);
    expect(log[0]?.fields).toMatchObject({ closed: 0, refused: 1 });
    for (const response of waiting) response.end();
    await Promise.all(answers);
  });

  it('leave the process files of its own', () => {
    expect(connectionsWithin(256)).toBe(156);
    expect(connectionsWithin(100)).toBe(50);
    expect(connectionsWithin(1_000_000)).toBe(750_000);
  });

  it('are not the end when the system refuses to open one', async () => {
    const { server, log } = await guarded(2);
    server.emit('error', new Error('accept EMFILE'));
    expect(log).toEqual([{ event: 'connections.accept_failed', fields: { error: 'accept EMFILE' } }]);
  });
});
