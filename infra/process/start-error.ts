/** Why a process could not start, in words for the person who started it. */
export function describeStartError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.message;
  const where = listenAddress(error);
  if (error.code === 'EADDRINUSE') return `${where} is in use by another program`;
  if (error.code === 'EADDRNOTAVAIL') return `${where} is not an address of this machine`;
  return error.message;
}

function listenAddress(error: Error): string {
  const address = 'address' in error ? String(error.address) : 'the address';
  const port = 'port' in error ? String(error.port) : 'the port';
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
