/**
 * An entry of the settings table. The table feeds the configuration of every process, the flags of `npm start` and their
 * `--help`, `docs/configuration.md`, and the check of `infra/docker-compose.yml`: a new setting is one entry and its use.
 */
import type { z } from 'zod';

/** Programs that read settings from the environment. `process` is what every long-running process reads. */
export type Reader =
  | 'supervisor'
  | 'coordinator'
  | 'worker'
  | 'function'
  | 'stack'
  | 'process'
  | 'burst'
  | 'monitor'
  | 'chaos'
  | 'pictures'
  | 'bench'
  | 'conformance';

/** As the documentation abbreviates them: supervisor, coordinator, worker, embedded stack, tools. */
export type ReaderLetter = 'S' | 'C' | 'W' | 'E' | 'T';

export interface Setting {
  /** How each reader parses the value. Schemas differ where defaults do, or where one reader merely passes the value on. */
  readonly schemas: Partial<Readonly<Record<Reader, z.ZodType>>>;
  /** Says what the setting does and why one would change it, in Markdown. */
  readonly purpose: string;
  /** The unit of a number, such as `ms`. */
  readonly unit?: string;
  /** The default in Markdown, if the schemas do not show it. */
  readonly defaultText?: string;
  /** The default under `npm start` and Compose, if it differs: failures should be visible within seconds there. */
  readonly startDefault?: string;
  /** Who reads the setting, if the schemas do not show it. */
  readonly readBy?: readonly ReaderLetter[];
  readonly flag?: Flag;
  /**
   * Compose passes every setting of the coordinator and the workers on from the environment of `docker compose`, except one
   * that it fixes, or that has no use in containers; the reason says why.
   */
  readonly notFromComposeBecause?: string;
}

/** A flag of `npm start`, which sets the setting. */
export interface Flag {
  readonly name: string;
  readonly group: FlagGroup;
  readonly describe: string;
  /** The default as `--help` shows it, if it is not the setting's. */
  readonly defaultText?: string;
  readonly choices?: readonly string[];
}

export const FLAG_GROUPS = {
  where: 'Where things are:',
  what: 'What runs:',
  how: 'How tasks are handled:',
} as const;
export type FlagGroup = keyof typeof FLAG_GROUPS;

export type SettingsSection = Readonly<Record<string, Setting>>;

/** The same schema for several readers. */
export function readBy<Schema extends z.ZodType, const Readers extends readonly Reader[]>(
  schema: Schema,
  ...readers: Readers
): Readonly<Record<Readers[number], Schema>> {
  return Object.fromEntries(readers.map((reader) => [reader, schema])) as Record<Readers[number], Schema>;
}

/** The schemas of a section by the name of the setting, for one reader. */
export type ShapeIn<Section extends SettingsSection, R extends Reader> = {
  readonly [
    Name in keyof Section as R extends keyof Section[Name]['schemas'] ? Name : never
  ]: R extends keyof Section[Name]['schemas'] ? Extract<Section[Name]['schemas'][R], z.ZodType> : never;
};

export function shapeIn<Section extends SettingsSection, R extends Reader>(
  section: Section,
  reader: R,
): ShapeIn<Section, R> {
  const entries = Object.entries(section).flatMap(([name, { schemas }]) => {
    const schema = schemas[reader];
    return schema === undefined ? [] : [[name, schema] as const];
  });
  return Object.fromEntries(entries) as ShapeIn<Section, R>;
}

/** Returns what the first reader that has a default takes where the setting is not set. */
export function defaultOf(schemas: Setting['schemas']): string | undefined {
  for (const schema of Object.values(schemas)) {
    const { success, data } = schema.safeParse(undefined);
    if (success && (typeof data === 'string' || typeof data === 'number')) return String(data);
  }
  return undefined;
}

/** The bounds of a number, or the words to choose from, as the error message of the schemas names them. */
export function expectedOf(schemas: Setting['schemas']): string | undefined {
  const [schema] = Object.values(schemas);
  return schema?.safeParse('\u0000').error?.issues[0]?.message.replace(/^expected /, '');
}
