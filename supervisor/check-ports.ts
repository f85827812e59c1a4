/** Looks whether every port is free before anything starts, so that the answer is immediate and nothing half done. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface RequiredPort {
  /** Who listens there. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Moves it. */
  readonly flag: string;
}

export class PortError extends Error {
  override readonly name = 'PortError';
}

/** @throws PortError naming each port that cannot be had, and the flag that moves it. */
export async function checkPorts(ports: readonly RequiredPort[]): Promise<void> {
  const fixed = ports.filter(({ port }) => port !== 0);
  const complaints = [
    ...fixed.flatMap((one, index) => describeConflict(one, fixed.slice(0, index))),
    ...(await Promise.all(fixed.map(describeUnavailable))).filter((complaint) => complaint !== undefined),
  ];
  if (complaints.length > 0) throw new PortError(complaints.join('\n'));
}

function describeConflict({ name, port, flag }: RequiredPort, earlier: readonly RequiredPort[]): string[] {
  const other = earlier.find((one) => one.port === port);
  if (other === undefined) return [];
  return [`port ${port} is meant for both ${other.name} and ${name}: move one with ${other.flag} or ${flag}`];
}

async function describeUnavailable({ name, host, port, flag }: RequiredPort): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.code : error;
    if (why === 'EADDRINUSE') {
      return `port ${port} on ${host}, for ${name}, is in use by another program: choose another with ${flag}`;
    }
    return `${name} cannot listen on port ${port} of ${host} (${String(why)}): choose another with ${flag}`;
  }
}
