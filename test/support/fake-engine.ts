/** A container engine, as far as chaos needs one: its HTTP API, with containers that are only written down. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import Docker from 'dockerode';
import { z } from 'zod';

export interface FakeContainer {
  readonly target: string;
  /** Its target's where absent. */
  readonly name?: string;
  status: 'created' | 'running' | 'paused' | 'restarting' | 'exited';
  networks: string[];
  readonly env?: readonly string[];
  readonly published?: number;
  readonly project?: string;
  /** Listed, and removed before anybody looks at it. */
  readonly isGone?: boolean;
}

/** The output of a program in that container. */
export type OnExec = (target: string, words: readonly string[]) => string;

export interface FakeEngine {
  readonly docker: Docker;
  /** Such as `worker-1 kill`, in order. */
  readonly done: readonly string[];
  close(): Promise<void>;
}

const execSchema = z.object({ Cmd: z.array(z.string()) });
const connectSchema = z.object({
  Container: z.string(),
  EndpointConfig: z.object({ Aliases: z.array(z.string()) }).optional(),
});
const STDOUT = 1;

export async function startFakeEngine(
  containers: readonly FakeContainer[],
  onExec: OnExec = () => '',
): Promise<FakeEngine> {
  const done: string[] = [];
  const execs: { readonly target: string; readonly words: readonly string[] }[] = [];
  const one = (id: string) => {
    const found = containers.find(({ target }) => `id-${target}` === id);
    if (found === undefined) throw new Error(`no such container: ${id}`);
    return found;
  };

  const routes: readonly [RegExp, (match: RegExpExecArray, request: IncomingMessage) => unknown][] = [
    [
      /^GET \/containers\/json/,
      (_match, request) => {
        const filters = new URL(request.url ?? '', 'http://engine').searchParams.get('filters') ?? '';
        const project = /project=([\w-]+)/.exec(filters)?.[1];
        return containers
          .filter((container) => project === undefined || projectOf(container) === project)
          .map((container) => ({
            Id: `id-${container.target}`,
            Names: [`/${container.name ?? container.target}`],
            Labels: labelsOf(container),
          }));
      },
    ],
    [
      /^GET \/containers\/([\w-]+)\/json/,
      ([, id = '']) => (one(id).isGone === true ? 404 : inspected(one(id))),
    ],
    [
      /^POST \/containers\/([\w-]+)\/(kill|start|stop|pause|unpause)/,
      ([, id = '', verb = '']) => {
        const container = one(id);
        const next = AFTER[verb] ?? 'running';
        const isSo = container.status === next && verb !== 'kill';
        if (isSo) return 304;
        done.push(`${container.target} ${verb}`);
        container.status = next;
        return 204;
      },
    ],
    [
      /^POST \/containers\/([\w-]+)\/exec/,
      async ([, id = ''], request) => {
        const { target, status } = one(id);
        if (status !== 'running') return 409;
        return { Id: `exec-${execs.push({ target, words: execSchema.parse(await json(request)).Cmd }) - 1}` };
      },
    ],
    [
      /^POST \/exec\/exec-(\d+)\/start/,
      ([, index = '']) => {
        const { target, words } = execs[Number(index)] ?? { target: '', words: [] };
        return frame(onExec(target, words));
      },
    ],
    [
      /^POST \/networks\/([\w-]+)\/(connect|disconnect)/,
      async ([, network = '', verb = ''], request) => {
        const { Container, EndpointConfig } = connectSchema.parse(await json(request));
        const container = one(Container);
        const others = container.networks.filter((name) => name !== network);
        container.networks = verb === 'connect' ? [...others, network] : others;
        const alias = EndpointConfig?.Aliases.join(',') ?? '';
        done.push(`${container.target} ${verb} ${network} ${alias}`.trim());
        return 200;
      },
    ],
  ];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method ?? ''} ${(request.url ?? '').replace(/^\/v[\d.]+/, '')}`;
    for (const [pattern, handle] of routes) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const result = await handle(match, request);
      if (Buffer.isBuffer(result)) response.writeHead(200).end(result);
      else if (typeof result === 'number') response.writeHead(result).end();
      else
        response
          .writeHead(line.includes('/exec') ? 201 : 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(result));
      return;
    }
    response.writeHead(500).end(`no route for ${line}`);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    docker: new Docker({ protocol: 'http', host: '127.0.0.1', port }),
    done,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const AFTER: Readonly<Record<string, FakeContainer['status']>> = {
  kill: 'exited',
  stop: 'exited',
  start: 'running',
  pause: 'paused',
  unpause: 'running',
};

const projectOf = ({ project = 'boomerang' }: FakeContainer) => project;

function labelsOf(container: FakeContainer) {
  const { target } = container;
  return {
    'boomerang.target': target,
    'com.docker.compose.project': projectOf(container),
    'com.docker.compose.service': target === 'stack' ? 'localstack' : target,
  };
}

function inspected(container: FakeContainer) {
  const { target, status, networks, env = [], published } = container;
  const bindings =
    published === undefined ? {} : { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(published) }] };
  const isUp = status === 'running' || status === 'paused';
  return {
    Id: `id-${target}`,
    State: { Status: status, Pid: isUp ? 4711 : 0 },
    Config: { Env: env, Labels: labelsOf(container) },
    HostConfig: { PortBindings: bindings },
    NetworkSettings: {
      Networks: Object.fromEntries(networks.map((name) => [name, {}])),
      Ports: isUp ? bindings : {},
    },
  };
}

/** One frame of the engine's multiplexed streams. */
function frame(printed: string): Buffer {
  const payload = Buffer.from(printed);
  const header = Buffer.alloc(8);
  header[0] = STDOUT;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
