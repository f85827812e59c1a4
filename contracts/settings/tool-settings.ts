/** Settings of tools, most of them conventions of terminals. */
import { z } from 'zod';
import { readBy, type SettingsSection } from './setting.js';

const text = () => z.string().optional();
const LOCALE = 'A locale other than UTF-8 makes the monitor draw with ASCII.';

export const TOOL_SETTINGS = {
  NO_COLOR: {
    schemas: readBy(text(), 'burst', 'monitor'),
    purpose: 'No colors in burst, monitor and log lines (https://no-color.org).',
  },
  TERM: {
    schemas: readBy(text(), 'burst', 'monitor'),
    purpose: '`dumb` makes burst, monitor and log lines print plain text.',
  },
  LC_ALL: { schemas: readBy(text(), 'monitor'), purpose: LOCALE },
  LC_CTYPE: { schemas: readBy(text(), 'monitor'), purpose: 'The same, if `LC_ALL` is not set.' },
  LANG: { schemas: readBy(text(), 'monitor'), purpose: 'The same, if neither of them is set.' },
  COMPOSE_PROJECT_NAME: {
    schemas: readBy(text(), 'monitor', 'chaos'),
    purpose: 'The Compose project of chaos and monitor, when several run.',
  },
  CHROMIUM_PATH: {
    schemas: readBy(text(), 'pictures'),
    purpose: 'Where Chromium is, for pictures and the tests of the dashboard.',
  },
} as const satisfies SettingsSection;

/** Settings that only the Compose file reads. */
export const COMPOSE_SETTINGS = {
  LOCALSTACK_IMAGE: {
    schemas: {},
    purpose: 'The image that serves SQS and DynamoDB.',
    defaultText: 'LocalStack 4.14.0, by digest',
  },
  LOCALSTACK_AUTH_TOKEN: { schemas: {}, purpose: 'Passed to LocalStack.' },
  LS_LOG: { schemas: {}, purpose: 'Log level of LocalStack.', defaultText: '`warn`' },
  NODE_IMAGE: { schemas: {}, purpose: 'The base image of the builds.', defaultText: 'Node 24, by digest' },
  PROMETHEUS_PORT: {
    schemas: {},
    purpose: 'Published port of Prometheus in the `observability` profile.',
    defaultText: '9090',
  },
  GRAFANA_PORT: {
    schemas: {},
    purpose: 'Published port of Grafana in the `observability` profile.',
    defaultText: '3000',
  },
} as const satisfies SettingsSection;
