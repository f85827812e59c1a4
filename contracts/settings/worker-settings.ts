/** Settings of one worker or one coordinator, for those who start it without the supervisor. */
import { z } from 'zod';
import { workerAddressSchema, workerIdSchema } from '../worker/worker.js';
import { readBy, type SettingsSection } from './setting.js';
import { httpUrl, port } from './settings.js';

const FIXED = 'the Compose file names it for each service';
const INSIDE = 'the image binds all addresses of its container';

export const WORKER_SETTINGS = {
  PORT: {
    schemas: readBy(port().default(9001), 'worker'),
    purpose: 'Port of the worker.',
    notFromComposeBecause: FIXED,
  },
  HOST: {
    schemas: readBy(z.string().default('127.0.0.1'), 'worker'),
    purpose: 'Address that the worker binds.',
    notFromComposeBecause: INSIDE,
  },
  WORKER_ID: {
    schemas: readBy(workerIdSchema.optional(), 'worker'),
    purpose: 'Its id; two workers must not share one.',
    defaultText: 'from the port on loopback, else the host name',
    notFromComposeBecause: FIXED,
  },
  WORKER_ADDRESS: {
    schemas: readBy(workerAddressSchema.optional(), 'worker'),
    purpose: 'Where coordinators reach it.',
    defaultText: 'where it listens, else `http://HOSTNAME:PORT`',
    notFromComposeBecause: FIXED,
  },
  COORDINATOR_URL: {
    schemas: readBy(httpUrl().default('http://127.0.0.1:8080'), 'worker'),
    purpose: 'Where it sends heartbeats.',
    notFromComposeBecause: FIXED,
  },
  FAULTS_FILE: {
    schemas: readBy(z.string().optional(), 'worker'),
    purpose: 'Where live faults survive the death of the worker.',
    defaultText: 'set by the supervisor',
    notFromComposeBecause: 'the image names a file of the container',
  },
  COORDINATOR_ID: {
    schemas: readBy(z.string().optional(), 'coordinator'),
    purpose: "The coordinator's name in statistics; each coordinator needs its own.",
    defaultText: 'made at start',
    notFromComposeBecause: 'each coordinator needs its own, which it makes at its start',
  },
  PROCESS_NAME: {
    schemas: {},
    readBy: ['C', 'W', 'E'],
    purpose: "The process's name in its log lines.",
    defaultText: 'set by the supervisor',
    notFromComposeBecause: 'Compose puts the name of the service in front of each line',
  },
} as const satisfies SettingsSection;

export const OBSERVABILITY_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schemas: readBy(httpUrl().optional(), 'coordinator', 'worker'),
    purpose: 'Where traces go, OTLP over HTTP: see [observability.md](observability.md#traces).',
  },
} as const satisfies SettingsSection;
