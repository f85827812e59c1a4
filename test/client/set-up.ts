import { afterEach } from 'vitest';
import { BoomerangClient, type ClientOptions } from '../../client/index.js';
import { startFakeCoordinator, type Respond } from './fake-coordinator.js';

/** Clients of fake coordinators, which end with their test. */
export function useClients() {
  const endings: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  return async (respond: Respond, options: Partial<ClientOptions> = {}) => {
    const server = await startFakeCoordinator(respond);
    const client = new BoomerangClient({ url: server.url, random: () => 0, ...options });
    endings.push(server.close, () => client.close());
    return { client, ...server };
  };
}
