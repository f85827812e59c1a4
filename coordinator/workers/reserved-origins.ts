/** Where no worker can be, since something of ours is there: the coordinator would send texts and token to itself, or to the stack. */
import { hostNameOf, isLoopback } from '../../contracts/http/hosts.js';

export interface ReservedOrigin {
  readonly hosts: readonly string[];
  readonly port: number;
}

const WILDCARDS = ['0.0.0.0', '::'];

/** @param ownNames names and addresses of this machine, all of which lead to a server that is bound to every interface */
export function originOfServer(host: string, port: number, ownNames: readonly string[]): ReservedOrigin {
  const hosts = WILDCARDS.includes(host) ? ['localhost', ...ownNames] : [host];
  return { hosts: hosts.map((name) => name.toLowerCase()), port };
}

export function originOfUrl(url: string): ReservedOrigin {
  const { host, port, protocol } = new URL(url);
  const standard = protocol === 'https:' ? 443 : 80;
  return { hosts: [asIpv4(hostNameOf(host) ?? host)], port: port === '' ? standard : Number(port) };
}

/** Loopback is one place, whichever of its names and addresses is used. */
export function isReserved(address: string, reserved: readonly ReservedOrigin[]): boolean {
  const { hosts: names, port } = originOfUrl(address);
  const isSame = (host: string) =>
    names.some((name) => name === host || (isLoopback(name) && isLoopback(host)));
  return reserved.some((origin) => origin.port === port && origin.hosts.some(isSame));
}

/** `::ffff:7f00:1`, as URLs write it, is 127.0.0.1. */
function asIpv4(host: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return host;
  return [high, low]
    .map((part) => parseInt(part, 16))
    .flatMap((part) => [part >> 8, part & 255])
    .join('.');
}
