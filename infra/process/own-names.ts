import { hostname, networkInterfaces } from 'node:os';

/** Under which others reach this machine: its name and the addresses of its interfaces. */
export function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return [hostname(), ...addresses.map(({ address }) => address)];
}
