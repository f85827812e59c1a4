import { createClients } from '../infra/aws/clients.js';
import { ensureResources } from '../infra/aws/ensure-resources.js';
import { createStackPorts } from '../infra/aws/ports.js';
import { removeResources } from '../infra/aws/remove-resources.js';
import { createSystemClock } from '../infra/process/system-clock.js';
import { createSystemRandom } from '../infra/process/system-random.js';
import { prefixed } from '../infra/resources/prefixed.js';
import { resources } from '../infra/resources/resources.js';
import type { SuiteConfig } from './config.js';
import { timeCalls, type CallCosts } from './time-calls.js';

/** On queues and tables that are made for it and deleted afterwards. */
export async function measureCosts(config: SuiteConfig, prefix: string): Promise<CallCosts> {
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const clients = createClients(config);
  const described = prefixed(resources, `${prefix}costs-`);
  try {
    const stack = await ensureResources(clients, {}, described);
    return await timeCalls(createStackPorts(clients, stack, clock), clock, random);
  } finally {
    await removeResources(clients, described);
    clients.close();
  }
}
