/** Names and addresses of hosts. */
import { isIP } from 'node:net';
import { z } from 'zod';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const HOST_NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
const EXPECTED =
  'expected host names or addresses without a port, with commas between them, such as boomerang.example.com,*.internal';

/** Comma-separated; `*.internal` stands for every name below it. */
export const hostList = () =>
  z
    .string()
    .transform(splitList)
    .pipe(z.array(z.string().refine(isHostPattern, EXPECTED)));

const CIDR_EXPECTED =
  'expected names, addresses or networks, with commas between them, such as worker-1,*.workers.internal,10.0.0.0/16';

/** As `hostList`, and networks in CIDR notation. */
export const networkList = () =>
  z
    .string()
    .transform(splitList)
    .pipe(z.array(z.string().refine((entry) => isHostPattern(entry) || isCidr(entry), CIDR_EXPECTED)));

function isCidr(entry: string): boolean {
  const [address = '', bits = '', ...more] = entry.split('/');
  const family = isIP(address);
  return (
    family !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  );
}

export function splitList(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
}

export function isHostPattern(entry: string): boolean {
  return isIP(entry) !== 0 || HOST_NAME.test(entry);
}

export function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

/** Returns the name of a Host header or an origin: in lower case, without port, brackets and the dot that ends a full name. */
export function hostNameOf(hostAndPort: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+?)\.?)(?::\d{1,5})?$/.exec(hostAndPort.toLowerCase());
  return match?.[1] ?? match?.[2];
}
