/** The flags of `npm start`. Each sets the setting of the same meaning; a flag wins over the environment. */
import yargs from 'yargs';
import { rejectRepeatedFlags } from '../infra/cli/reject-repeated-flags.js';
import { API_KEY_FLAG, rejectSecretFlags } from '../infra/cli/secret-flags.js';
import { FLAG_GROUPS, defaultOf, type Flag, type SettingsSection } from '../contracts/settings/setting.js';
import { SETTINGS_TABLE } from '../contracts/settings/settings-table.js';
import type { Environment } from '../contracts/settings/settings.js';

interface FlagOfSetting extends Flag {
  readonly setting: string;
}

/** By the name of the flag. */
const FLAGS: Readonly<Record<string, FlagOfSetting>> = Object.fromEntries(
  Object.values<SettingsSection>(SETTINGS_TABLE)
    .flatMap((section) => Object.entries(section))
    .flatMap(([setting, { flag, startDefault, schemas }]) => {
      if (flag === undefined) return [];
      const defaultText = flag.defaultText ?? startDefault ?? defaultOf(schemas);
      return [[flag.name, { ...flag, setting, ...(defaultText !== undefined && { defaultText }) }] as const];
    }),
);

export interface Flags {
  readonly fresh: boolean;
  /** The settings that flags were given for. */
  readonly settings: Environment;
}

/** Prints help and mistakes itself, and exits then. */
export function readFlags(programArguments: readonly string[]): Flags {
  const parser = yargs(programArguments)
    .scriptName('npm start --')
    .usage('$0 [flags]\n\nRuns the stack, the coordinator and the functions, and keeps them running.')
    .option('fresh', {
      type: 'boolean',
      default: false,
      group: FLAG_GROUPS.where,
      describe: 'starts with empty data',
    })
    .epilogue(
      'Settings without a flag come from the environment: see docs/configuration.md. Ctrl-C stops everything.',
    )
    .example('$0 --faults storm --workers 5', 'five functions with many faults')
    .example('$0 --port 8081 --stack-port 4567 --function-port-base 9101 --data ./second', 'a second copy')
    .version(false)
    .option('api-key', API_KEY_FLAG)
    .check((given) => rejectSecretFlags(given))
    .check((given) => rejectRepeatedFlags(given))
    .strict()
    .showHelpOnFail(false, '--help lists what there is.')
    .wrap(process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 80);
  for (const [name, { group, describe, defaultText, choices }] of Object.entries(FLAGS)) {
    parser.option(name, {
      type: 'string',
      requiresArg: true,
      group: FLAG_GROUPS[group],
      describe,
      defaultDescription: defaultText,
      ...(choices && { choices }),
    });
  }
  const given: Readonly<Record<string, unknown>> = parser.parseSync();
  const settings = Object.entries(FLAGS).flatMap(([name, { setting }]) => {
    const value = given[name];
    return typeof value === 'string' ? [[setting, value] as const] : [];
  });
  // A flag wins over the environment.
  const key = given['api-key-file'] === undefined ? [] : [['API_KEY', undefined] as const];
  return { fresh: given['fresh'] === true, settings: Object.fromEntries([...settings, ...key]) };
}

/** Says `--workers nine` where a message about settings says `WORKERS=nine` and the flag was given. */
export function nameFlagsInMessage(message: string, { settings }: Flags): string {
  return Object.entries(FLAGS)
    .filter(([, { setting }]) => settings[setting] !== undefined)
    .reduce(
      (text, [name, { setting }]) => text.replaceAll(new RegExp(`\\b${setting}=`, 'g'), `--${name} `),
      message,
    );
}
