/** Settings: where things are. */
import { z } from 'zod';
import { DURABILITIES, durability } from './durability.js';
import { readBy, type SettingsSection } from './setting.js';
import { port } from './settings.js';

const LOOPBACK = '127.0.0.1';
const host = () => z.string().default(LOOPBACK);
const PUBLISHED = 'it is a port inside the container, which Compose publishes under this port of the machine';
const INSIDE = 'the image binds all addresses of its container';

export const PLACE_SETTINGS = {
  PORT: {
    schemas: readBy(port().default(8080), 'supervisor', 'coordinator', 'burst'),
    purpose: 'Port of the coordinator; 0 takes a free one. Change it to run two copies.',
    flag: { name: 'port', group: 'where', describe: 'port of the coordinator; 0 takes a free one' },
    notFromComposeBecause: PUBLISHED,
  },
  HOST: {
    schemas: readBy(host(), 'supervisor', 'coordinator'),
    purpose:
      'Address that the coordinator binds. Bind wider to serve other machines; that requires `API_KEY` or `ALLOW_OPEN=1`.',
    notFromComposeBecause: INSIDE,
  },
  STACK_PORT: {
    schemas: readBy(port().default(4566), 'supervisor', 'stack', 'monitor'),
    purpose: 'Port of the embedded SQS and DynamoDB; 0 takes a free one.',
    flag: {
      name: 'stack-port',
      group: 'where',
      describe: 'port of the embedded SQS and DynamoDB; 0 takes a free one',
    },
  },
  STACK_HOST: {
    schemas: readBy(host(), 'supervisor', 'stack'),
    purpose: 'Address that the embedded stack binds; binding wider requires an access key.',
  },
  FUNCTION_PORT_BASE: {
    schemas: readBy(port().default(9001), 'supervisor'),
    purpose: 'Port of the first worker; the others follow; 0 takes free ones.',
    flag: {
      name: 'function-port-base',
      group: 'where',
      describe: 'port of the first function, the others follow; 0 takes free ones',
    },
  },
  BOOMERANG_DATA: {
    schemas: readBy(z.string().optional(), 'supervisor', 'monitor', 'chaos'),
    purpose:
      'Folder for data. A second copy needs its own; a copy on a folder in use is refused. The flag `--fresh` starts with an empty folder.',
    defaultText: '`.boomerang` in the project',
    flag: {
      name: 'data',
      group: 'where',
      describe: 'folder for data, relative to the current one',
      defaultText: '.boomerang in the project',
    },
  },
  STACK_DURABILITY: {
    schemas: readBy(durability(), 'supervisor', 'stack'),
    purpose:
      'What a power cut may cost: at most a second of writes, or with `sync` nothing: see [durability.md](durability.md).',
    flag: {
      name: 'durability',
      group: 'where',
      describe: 'what a power cut may cost: at most a second, or nothing (each group of writes is synced)',
      choices: DURABILITIES,
    },
  },
} as const satisfies SettingsSection;
