/** All settings, by the sections of `docs/configuration.md`. */
import { ACCESS_SETTINGS } from './access-settings.js';
import { PLACE_SETTINGS } from './place-settings.js';
import { PROCESS_SETTINGS } from './process-settings.js';
import { shapeIn, type Reader, type SettingsSection, type ShapeIn } from './setting.js';
import { STACK_SETTINGS } from './stack-settings.js';
import { COMPOSE_SETTINGS, TOOL_SETTINGS } from './tool-settings.js';
import { WORK_SECTION } from './work-settings.js';
import { OBSERVABILITY_SETTINGS, WORKER_SETTINGS } from './worker-settings.js';

export const SETTINGS_TABLE = {
  places: PLACE_SETTINGS,
  processes: PROCESS_SETTINGS,
  work: WORK_SECTION,
  access: ACCESS_SETTINGS,
  stack: STACK_SETTINGS,
  worker: WORKER_SETTINGS,
  observability: OBSERVABILITY_SETTINGS,
  tools: TOOL_SETTINGS,
  compose: COMPOSE_SETTINGS,
} as const satisfies Readonly<Record<string, SettingsSection>>;

type Sections = typeof SETTINGS_TABLE;
type AnyShape<R extends Reader> = { [Name in keyof Sections]: ShapeIn<Sections[Name], R> }[keyof Sections];
type Intersection<Union> = (Union extends unknown ? (part: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** The schemas that a reader uses, by the name of the setting. */
export type ShapeOf<R extends Reader> = {
  [Name in keyof Intersection<AnyShape<R>>]: Intersection<AnyShape<R>>[Name];
};

export function shapeOf<R extends Reader>(reader: R): ShapeOf<R> {
  const shapes = Object.values<SettingsSection>(SETTINGS_TABLE).map((section) => shapeIn(section, reader));
  return Object.assign({}, ...shapes) as ShapeOf<R>;
}
