/** The Compose file passes settings on as the settings table has them: the same names and defaults, and none is missing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  defaultOf,
  type Reader,
  type Setting,
  type SettingsSection,
} from '../../contracts/settings/setting.js';
import { SETTINGS_TABLE } from '../../contracts/settings/settings-table.js';
import { projectRoot } from '../../infra/process/project-root.js';

const composeSchema = z.object({
  services: z.record(z.string(), z.object({ environment: z.record(z.string(), z.string()).default({}) })),
});
const text = await readFile(join(projectRoot, 'infra', 'docker-compose.yml'), 'utf8');
const { services } = composeSchema.parse(parse(text, { merge: true }));

const settings = Object.values<SettingsSection>(SETTINGS_TABLE).flatMap((section) => Object.entries(section));
const READERS: Readonly<Record<string, readonly Reader[]>> = {
  coordinator: ['coordinator', 'process'],
  'worker-1': ['worker', 'function', 'process'],
  'worker-2': ['worker', 'function', 'process'],
  'worker-3': ['worker', 'function', 'process'],
};
/** Names inside the network of the containers come before what the environment adds. */
const EXTENDED: ReadonlySet<string> = new Set(['ALLOWED_HOSTS', 'WORKER_ADDRESSES']);

const settingsOf = (service: string): (readonly [string, Setting])[] =>
  settings.filter(([, { schemas }]) => READERS[service]?.some((reader) => reader in schemas));

function settingsInFile(): [name: string, fallback: string][] {
  return [...text.matchAll(/\$\{(\w+)(?::-([^}]*))?\}/g)].map(([, name = '', fallback = '']) => [
    name,
    fallback,
  ]);
}

describe('the Compose file', () => {
  it('takes only settings from the environment that the table has', () => {
    const known = new Set(settings.map(([name]) => name));
    expect(settingsInFile().length).toBeGreaterThan(40);
    expect(settingsInFile().filter(([name]) => !known.has(name))).toEqual([]);
  });

  it('has the defaults of the table, where it has any', () => {
    const wrong = settingsInFile().filter(([name, fallback]) => {
      if (fallback === '' || EXTENDED.has(name)) return false;
      const sameName = settings.filter(
        ([other, { schemas }]) => other === name && Object.keys(schemas).length > 0,
      );
      const defaults = sameName.flatMap(([, { startDefault, schemas }]) => [
        startDefault,
        defaultOf(schemas),
      ]);
      return defaults.length > 0 && !defaults.includes(fallback);
    });
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(READERS))(
    'passes every setting on that %s reads, unless the table says why not',
    (service) => {
      const environment = services[service]?.environment ?? {};
      const missing = settingsOf(service).filter(
        ([name, { notFromComposeBecause }]) =>
          notFromComposeBecause === undefined && !(environment[name] ?? '').includes(`\${${name}:-`),
      );
      expect(missing.map(([name]) => name)).toEqual([]);
    },
  );

  it.each(Object.keys(READERS))('gives %s the default of npm start, where that is another', (service) => {
    const environment = services[service]?.environment ?? {};
    const wrong = settingsOf(service).filter(
      ([name, { startDefault }]) =>
        startDefault !== undefined && environment[name] !== `\${${name}:-${startDefault}}`,
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});
