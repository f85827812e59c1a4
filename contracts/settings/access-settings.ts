/** Settings: who may use what. */
import { z } from 'zod';
import { hostList, networkList } from '../http/hosts.js';
import { readBy, type SettingsSection } from './setting.js';
import { oneOf } from './settings.js';
import { accessKeyId } from './stack-access.js';

const text = () => z.string().optional();
const allowOpen = () => oneOf('0', '1').default('0');
const IN_A_VOLUME = 'Compose names a file in a volume that coordinator and workers share';
const OTHER_STACK = 'Compose runs LocalStack, which takes any access key';

export const ACCESS_SETTINGS = {
  API_KEY: {
    schemas: readBy(text(), 'supervisor', 'coordinator', 'burst', 'chaos'),
    purpose:
      'The bearer token that clients must send. No flag takes it, because command lines are visible to other users; `API_KEY_FILE` may hold it.',
  },
  API_KEY_FILE: {
    schemas: {},
    readBy: ['S', 'C', 'T'],
    purpose: 'A file that holds the key.',
    flag: {
      name: 'api-key-file',
      group: 'what',
      describe: 'file that holds what clients must send as a bearer token; or set API_KEY',
    },
    notFromComposeBecause: 'a file of the machine is not seen in a container; set API_KEY',
  },
  ALLOW_OPEN: {
    schemas: readBy(allowOpen(), 'supervisor', 'coordinator', 'stack'),
    purpose: '`1` permits binding beyond loopback without a key.',
    notFromComposeBecause: 'containers bind all addresses, and are published on loopback only',
  },
  ALLOWED_HOSTS: {
    schemas: readBy(hostList().prefault(''), 'supervisor', 'coordinator', 'worker', 'stack'),
    purpose:
      "Further `Host` names, separated by commas (`boomerang.example.com,*.internal`). Loopback, `HOST`, and the machine's own names (when bound wider) are always allowed; others get 421.",
    defaultText: '–',
  },
  WORKER_ADDRESSES: {
    schemas: readBy(networkList().prefault(''), 'coordinator'),
    purpose:
      'Where workers may be besides loopback: names, `*.internal`, networks such as `10.0.0.0/16`. Set it to run workers on other machines.',
    defaultText: '–',
  },
  WORKER_TOKEN: {
    schemas: {
      supervisor: text(),
      coordinator: z.string('expected the secret that coordinator and workers share'),
      worker: z.string('expected the token that the coordinator and its workers share'),
    },
    purpose:
      'The secret that coordinator and workers share. Set it to reach `/faults` yourself, or to add a worker by hand.',
    defaultText: 'made by the supervisor',
  },
  WORKER_TOKEN_FILE: {
    schemas: {},
    readBy: ['S', 'C', 'W'],
    purpose: 'A file that holds it; the first process makes the file.',
    notFromComposeBecause: IN_A_VOLUME,
  },
  STACK_ACCESS_KEY_ID: {
    schemas: {
      ...readBy(accessKeyId().optional(), 'supervisor', 'coordinator', 'stack'),
      ...readBy(text(), 'monitor', 'chaos'),
    },
    purpose: 'The access key that the embedded stack requires; also `STACK_ACCESS_KEY_ID_FILE`.',
    defaultText: 'made at start when `API_KEY` is set',
    notFromComposeBecause: OTHER_STACK,
  },
  CONTROL_TOKEN: {
    schemas: readBy(text(), 'stack'),
    purpose:
      'The token for changing network faults of the embedded stack; also `CONTROL_TOKEN_FILE`. Set it for a stack that you start yourself.',
    defaultText: 'made by the supervisor',
  },
} as const satisfies SettingsSection;
