/** Settings: what runs. */
import { z } from 'zod';
import { faultsText } from '../worker/faults.js';
import { readBy, type SettingsSection } from './setting.js';
import { httpUrl, LOG_LEVELS, logLevel, oneOf, wholeNumber } from './settings.js';

const text = () => z.string().optional();
const DEMO = 'demo';

export const PROCESS_SETTINGS = {
  WORKERS: {
    schemas: readBy(wholeNumber(1, 64).default(3), 'supervisor'),
    purpose: 'Functions to run; each one uses one core at most. Raise it on machines with more cores.',
    unit: 'workers',
    flag: { name: 'workers', group: 'what', describe: 'functions to run, 1 to 64' },
  },
  MODEL: {
    schemas: readBy(text(), 'supervisor', 'function', 'chaos', 'bench'),
    purpose:
      'A hub id such as `Xenova/distilbert-base-uncased-finetuned-sst-2-english` (downloaded once), `owner/name@COMMIT` (always the same files), or a folder. The answers of a dynamically quantized model depend on the rest of its batch.',
    defaultText: 'the bundled model',
    flag: {
      name: 'model',
      group: 'what',
      describe: 'hub id or folder of a model',
      defaultText: 'the bundled one',
    },
  },
  FAULTS: {
    schemas: { supervisor: faultsText.prefault(DEMO), worker: faultsText.prefault('none') },
    purpose: 'The fault plan: see [chaos.md](chaos.md#fault-plans).',
    defaultText: '`none`',
    startDefault: DEMO,
    flag: {
      name: 'faults',
      group: 'what',
      describe: 'none, demo, storm, or a list such as error=0.2,crash=0.05,delay=100±50',
    },
  },
  FAULT_SEED: {
    schemas: readBy(text(), 'supervisor', 'worker'),
    purpose: 'Repeats a fault plan: set it to see the same faults again.',
    flag: { name: 'fault-seed', group: 'what', describe: 'repeats a plan of faults' },
  },
  LOG_LEVEL: {
    schemas: readBy(logLevel(), 'supervisor', 'coordinator', 'function', 'stack'),
    purpose: 'Lowest level of log lines: see [observability.md](observability.md#log-events).',
    flag: { name: 'log-level', group: 'what', describe: 'of all processes', choices: LOG_LEVELS },
  },
  LOG_FORMAT: {
    schemas: readBy(oneOf('pretty', 'json').optional(), 'process'),
    purpose: 'Format of log lines: for people or for programs.',
    defaultText: '`pretty` on a terminal, else `json`',
  },
  MODEL_CACHE: {
    schemas: readBy(z.string().default('.boomerang/models'), 'function', 'chaos', 'bench'),
    purpose: 'Folder for downloaded models.',
    notFromComposeBecause: 'the image names a folder of the container',
  },
  HF_ENDPOINT: {
    schemas: readBy(httpUrl().optional(), 'function', 'chaos', 'bench'),
    purpose: 'A mirror of the model hub.',
    defaultText: 'the public hub',
  },
  HF_TOKEN: {
    schemas: readBy(text(), 'function', 'chaos', 'bench'),
    purpose: 'A token for models that are not public.',
  },
} as const satisfies SettingsSection;
